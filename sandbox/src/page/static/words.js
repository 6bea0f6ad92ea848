// The page's labels in English and Spanish.

const EN = {
  skip: "Skip to the message box",
  side: "People and channels",
  tagline: "Local sandbox",
  channels: "Channels",
  people: "Who are you?",
  you: "You",
  customers: "Customers to try",
  customersHint: "Click to put the command into the message box.",
  technical: "Technical",
  successor: "Successor",
  insert: (command, email) => `Insert /${command} for ${email}`,
  messages: "Messages",
  mailbox: "Mailbox",
  mailFilter: "Show mails to",
  allMails: "All",
  noMails: "No mail yet. Codes and messages that the desk sends appear here.",
  mailTo: "to",
  mailArrived: (to, subject) => `New mail to ${to}: ${subject}`,
  unreadMail: "unread",
  attachment: "Attachment",
  copy: "Copy code",
  copied: "Copied",
  views: "Views",
  tabPeople: "People",
  tabChannel: "Channel",
  language: "Language",
  restart: "The phone closed the app (open forms and ephemeral messages vanish)",
  restarted: "Discord was opened again: the form and the ephemeral messages are gone.",
  appClosed: "The phone closed the app",
  olderMessages: "You're viewing older messages",
  jumpToPresent: "Jump to present",
  leaving: "Leaving Discord",
  leavingText: "This link is taking you to the following website",
  goBack: "Go back",
  visitSite: "Visit site",
  noRole: "no role",
  onlyYou: "Only you can see this",
  dismiss: "Dismiss message",
  edited: "(edited)",
  editedAt: "Edited",
  app: "APP",
  used: "used",
  thinking: "is thinking…",
  failed: "This interaction failed",
  noAnswer: "The application did not respond",
  sending: "Sending command…",
  welcome: (channel) => `Welcome to #${channel}!`,
  welcomeText: "This is a local Discord: nothing leaves this computer. Type / to see the commands of the bot, or choose a customer on the left. Codes arrive in the mailbox.",
  placeholder: (channel) => `Message #${channel}: type / for commands`,
  line: "Message",
  commands: "Commands",
  onlyCommands: "Plain messages have no effect in this sandbox. Type / to use a command of the bot.",
  unknownCommand: "There is no such command.",
  unknownOption: (name) => `This command has no option "${name}".`,
  missing: (name) => `${name}: this option is required. Specify a value.`,
  required: "required",
  optional: "optional",
  addOption: (name) => `Add option ${name}`,
  send: "Send",
  cancelCommand: "Cancel command",
  choose: "Choose…",
  chooseOne: "Make a selection",
  yes: "True",
  no: "False",
  cancel: "Cancel",
  submit: "Submit",
  close: "Close",
  formNote: (app) => `This form will be submitted to ${app}. Do not share passwords or other sensitive information.`,
  formFailed: "Something went wrong. Try again.",
  fieldRequired: "This field is required",
  tooShort: (count) => `Must be at least ${count} characters long`,
  of: (count, max) => `${count}/${max}`,
  violations: (count) => `Protocol violations: ${count}`,
  violationsTitle: "Protocol violations",
  violationsText: "What a correct bot never does: requests that Discord would refuse, calls before their time, repeated messages.",
  noViolations: "None. All requests of the bot were valid.",
  newTab: "opens in a new tab",
  image: "Image",
  spoiler: "Spoiler, press to show",
  lost: "The connection to the sandbox is lost. Trying again…",
  refused: "The sandbox refused the action.",
};

const ES = {
  skip: "Ir al cuadro de mensaje",
  side: "Personas y canales",
  tagline: "Entorno local de prueba",
  channels: "Canales",
  people: "¿Quién eres?",
  you: "Tú",
  customers: "Clientes para probar",
  customersHint: "Haz clic para poner el comando en el cuadro de mensaje.",
  technical: "Técnica",
  successor: "Sucesor",
  insert: (command, email) => `Insertar /${command} para ${email}`,
  messages: "Mensajes",
  mailbox: "Buzón",
  mailFilter: "Mostrar correos para",
  allMails: "Todos",
  noMails: "Aún no hay correos. Los códigos y mensajes que se envían aparecen aquí.",
  mailTo: "para",
  mailArrived: (to, subject) => `Correo nuevo para ${to}: ${subject}`,
  unreadMail: "sin leer",
  attachment: "Adjunto",
  copy: "Copiar código",
  copied: "Copiado",
  views: "Vistas",
  tabPeople: "Personas",
  tabChannel: "Canal",
  language: "Idioma",
  restart: "El teléfono cerró la aplicación (el formulario abierto y los mensajes efímeros desaparecen)",
  restarted: "Discord se ha abierto de nuevo: el formulario y los mensajes efímeros han desaparecido.",
  appClosed: "El teléfono cerró la aplicación",
  olderMessages: "Estás viendo mensajes antiguos",
  jumpToPresent: "Ir al presente",
  leaving: "Saliendo de Discord",
  leavingText: "Este enlace te lleva al siguiente sitio web",
  goBack: "Volver",
  visitSite: "Visitar el sitio",
  noRole: "sin rol",
  onlyYou: "Solo tú puedes ver esto",
  dismiss: "Descartar mensaje",
  edited: "(editado)",
  editedAt: "Editado",
  app: "APP",
  used: "ha usado",
  thinking: "está pensando…",
  failed: "Esta interacción ha fallado",
  noAnswer: "La aplicación no ha respondido",
  sending: "Enviando comando…",
  welcome: (channel) => `¡Te damos la bienvenida a #${channel}!`,
  welcomeText: "Este es un Discord local: nada sale de este equipo. Escribe / para ver los comandos del bot o elige un cliente a la izquierda. Los códigos llegan al buzón.",
  placeholder: (channel) => `Mensaje a #${channel}: escribe / para ver comandos`,
  line: "Mensaje",
  commands: "Comandos",
  onlyCommands: "Los mensajes normales no tienen efecto en este entorno. Escribe / para usar un comando del bot.",
  unknownCommand: "No existe ese comando.",
  unknownOption: (name) => `Este comando no tiene la opción «${name}».`,
  missing: (name) => `${name}: esta opción es obligatoria. Indica un valor.`,
  required: "obligatorio",
  optional: "opcional",
  addOption: (name) => `Añadir opción ${name}`,
  send: "Enviar",
  cancelCommand: "Cancelar comando",
  choose: "Elegir…",
  chooseOne: "Elige una opción",
  yes: "Verdadero",
  no: "Falso",
  cancel: "Cancelar",
  submit: "Enviar",
  close: "Cerrar",
  formNote: (app) => `Este formulario se enviará a ${app}. No compartas contraseñas ni otra información confidencial.`,
  formFailed: "Algo ha salido mal. Inténtalo de nuevo.",
  fieldRequired: "Este campo es obligatorio",
  tooShort: (count) => `Debe tener al menos ${count} caracteres`,
  of: (count, max) => `${count}/${max}`,
  violations: (count) => `Infracciones de protocolo: ${count}`,
  violationsTitle: "Infracciones de protocolo",
  violationsText: "Lo que un bot correcto nunca hace: peticiones que Discord rechazaría, llamadas antes de tiempo, mensajes repetidos.",
  noViolations: "Ninguna. Todas las peticiones del bot son válidas.",
  newTab: "se abre en otra pestaña",
  image: "Imagen",
  spoiler: "Contenido oculto, pulsa para mostrarlo",
  lost: "Se ha perdido la conexión con el entorno. Reintentando…",
  refused: "El entorno ha rechazado la acción.",
};

let words = EN;
let locale = "en-US";

/** Sets the person's locale. Returns true if the language of the page changed. */
export function speak(newLocale) {
  const before = words;
  locale = newLocale;
  words = newLocale.startsWith("es") ? ES : EN;
  document.documentElement.lang = newLocale;
  return before !== words;
}

/** Returns a label. `values` are the arguments of a label with variables. */
export function word(name, ...values) {
  const found = words[name];
  return typeof found === "function" ? found(...values) : found;
}

/** Returns the locale for dates. */
export const dateLocale = () => locale;

/** Returns the text of an {en, es} pair in the page's language. */
export function either(pair) {
  if (!pair || typeof pair === "string") return pair ?? "";
  return words === ES ? pair.es : pair.en;
}

/** Updates the labels in index.html. */
export function relabel() {
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const element of document.querySelectorAll("[data-word-label]")) element.setAttribute("aria-label", word(element.dataset.wordLabel));
}
