// A slash command as a line of text: "/support technical email:julia@example.com", in English or the person's language.

/** The command whose words begin the line (the longest one), and the rest of the line. */
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

/** Splits "email:a b note:c" at the options' names. `unknown` is the first name that the command does not have. */
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

/** The line that is sent: English names, so that it means the same in every language. */
export function writeLine(command, values) {
  const options = command.options.filter((option) => values[option.name]).map((option) => `${option.name}:${values[option.name]}`);
  return [`/${command.path}`, ...options].join(" ");
}

/** Commands for what is typed so far, best first. */
export function suggest(commands, typed) {
  if (!typed.startsWith("/")) return [];
  const wanted = typed.slice(1).trimStart().toLowerCase();
  const rank = (command) => {
    const places = [command.path, command.localised_path].map((path) => path.toLowerCase().indexOf(wanted)).filter((place) => place >= 0);
    return places.length ? Math.min(...places) : -1;
  };
  return commands
    .map((command) => ({ command, place: rank(command) }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => a.place - b.place)
    .map(({ command }) => command);
}
