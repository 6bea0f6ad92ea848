// Parses and formats command lines such as "/support technical email:julia@example.com", in English or the person's language.

/** Finds the command with the longest name that starts the line. Returns it with the rest of the line. */
export function findCommand(commands, line) {
  const text = line.trimStart().toLowerCase();
  let best = null;
  for (const command of commands) {
    for (const path of [command.path, command.localised_path]) {
      const words = `/${path}`.toLowerCase();
      if ((text === words || text.startsWith(`${words} `)) && words.length > (best?.length ?? 0)) best = { command, length: words.length };
    }
  }
  return best && { command: best.command, rest: line.trimStart().slice(best.length).trim() };
}

/** Splits "email:a b note:c" at the names of options. `unknown` is the first unknown name. */
export function readOptions(command, rest) {
  const values = {};
  const marks = [...rest.matchAll(/(?:^|\s)([\p{L}\p{N}_-]{1,32}):/gu)];
  const named = [];
  let unknown = rest && !marks.length ? rest : null;
  for (const mark of marks) {
    const option = command.options.find((each) => [each.name, each.label].includes(mark[1].toLowerCase()));
    if (option) named.push({ option, from: mark.index + mark[0].length, mark: mark.index });
    else if (!named.length) unknown ??= mark[1];
  }
  named.forEach(({ option, from }, index) => {
    values[option.name] = rest.slice(from, named[index + 1]?.mark).trim();
  });
  return { values, unknown };
}

/** Formats the line to send. Names are in English, so that it is independent of the language. */
export function writeLine(command, values) {
  const options = command.options.filter((option) => values[option.name]).map((option) => `${option.name}:${values[option.name]}`);
  return [`/${command.path}`, ...options].join(" ");
}

/** Returns the commands that match the typed text, best match first. */
export function suggest(commands, typed) {
  if (!typed.startsWith("/")) return [];
  const wanted = typed.slice(1).trimStart().toLowerCase();
  const rank = (command) => {
    const positions = [command.path, command.localised_path].map((path) => path.toLowerCase().indexOf(wanted)).filter((position) => position >= 0);
    return positions.length ? Math.min(...positions) : -1;
  };
  return commands
    .map((command) => ({ command, position: rank(command) }))
    .filter(({ position }) => position >= 0)
    .sort((a, b) => a.position - b.position)
    .map(({ command }) => command);
}
