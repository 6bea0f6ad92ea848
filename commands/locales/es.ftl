# Todas las frases que dice el bot, en español. Los mismos mensajes y argumentos que en en.ftl.

## Negativas

refusal-not-an-agent = Solo los agentes de soporte pueden usar esto. Pide el rol de agente a un administrador de este servidor.
refusal-wrong-channel = Esto funciona solo en el canal de soporte.
refusal-not-linked = Tu cuenta de Discord aún no está vinculada a una cuenta de BackOffice. Vincúlala con `/cuenta vincular`.
refusal-never-signed-in = La primera contraseña de tu cuenta de BackOffice nunca se cambió, así que no se puede recuperar. Pide una nueva a un administrador.
refusal-not-recoverable = El estado de tu cuenta de BackOffice no permite recuperar su contraseña. Habla con un administrador.
refusal-other-address = Esa no es la dirección de la cuenta de BackOffice vinculada a tu cuenta de Discord. El intento cuenta como uno de los tres por hora.
refusal-recovery-not-set-up = Con este bot no se pueden recuperar contraseñas, porque su página no está configurada. Habla con un administrador.
refusal-not-yours = Este panel es de otro agente.
refusal-unknown-button = Este botón es de otra versión del bot. Vuelve a mostrar tu panel con `/soporte reanudar`.
refusal-already-done = Eso ya estaba hecho. Así está ahora.
refusal-closed = Esta sesión está cerrada ({ $at }): { $why }
refusal-nothing-open = No tienes ninguna sesión abierta. Empieza una con `/soporte tecnica` o `/soporte sucesor`.
refusal-malformed-email = Eso no es una dirección de correo. Escríbela como `nombre@empresa.com`.
refusal-unknown-customer = Nadie en Waizant tiene ese correo. Comprueba con el cliente cómo se escribe.
refusal-own-address = Esa es tu propia dirección. Te tiene que ayudar un compañero: un mismo buzón no puede superar las dos verificaciones.
refusal-attended = Otro agente está atendiendo a este cliente ahora mismo.
refusal-limit-lookups = Has buscado muchos clientes en la última hora. Podrás buscar otra vez { $at }.
refusal-limit-sends = Hoy ya se enviaron demasiados códigos a esta dirección. Se podrá enviar otro { $at }.
refusal-limit-wrong-codes = Hubo demasiados códigos incorrectos en la última hora. Inténtalo de nuevo { $at }.
refusal-limit-links = Has pedido vincular una cuenta demasiadas veces. Inténtalo de nuevo { $at }.
refusal-limit-recoveries = Lo has pedido tres veces en una hora. Podrás pedirlo otra vez { $at }.
refusal-locked-out = Tras demasiados códigos incorrectos hay una pausa. Inténtalo de nuevo { $at }.
refusal-malformed-code = El código tiene seis dígitos. Compruébalo y escríbelo de nuevo; no has perdido ningún intento.
refusal-wrong-code = { $left ->
    [one] Ese código no es correcto. Queda 1 intento.
   *[other] Ese código no es correcto. Quedan { $left } intentos.
}
refusal-expired-code = Ese código ha caducado; no has perdido ningún intento.
refusal-type-again = La comprobación del código se interrumpió. Escribe el código otra vez; no has perdido ningún intento.
refusal-too-early = Se podrá enviar un código nuevo { $at }.
refusal-no-sends-left = Ya se enviaron los tres códigos de esta verificación. Solo queda Cancelar; después puedes empezar de nuevo.
refusal-undelivered = No se pudo entregar el mensaje. Comprueba la dirección registrada o inténtalo dentro de un rato.
refusal-unopened = No se pudo abrir. Inténtalo de nuevo dentro de un rato.
refusal-busy = El otro lado está ocupado. Inténtalo de nuevo en un momento.
refusal-busy-until = El otro lado está ocupado. Inténtalo de nuevo { $at }.
refusal-reason-too-short = Escribe al menos 10 caracteres, para que los demás entiendan el motivo.
refusal-reason-too-long = Escribe como máximo 500 caracteres.
refusal-unknown-succession = Esa sucesión ya no es de este cliente. Elige otra.
refusal-other-kind = Ya estás atendiendo a este cliente en { $kind }: termina o cancela eso primero. Este es su panel.
refusal-unknown-ecosystem = Ese ecosistema ya no es de este cliente. Elige otro.
refusal-too-late = La sesión está a punto de terminar, así que ya no se abre nada más. Finalízala y empieza otra si hace falta.
refusal-already-linked = Tu cuenta de Discord ya está vinculada a { $email }. Un responsable puede deshacerlo.
refusal-linked-meanwhile = El código es correcto, pero una de las dos cuentas se ha vinculado a otra entretanto. Un responsable puede deshacerlo.
refusal-failed = Algo ha fallado por nuestra parte. Inténtalo de nuevo; si continúa, comunícalo con la referencia `{ $reference }`.

## Por qué un vínculo no cuenta y por qué se perdió una sesión

account-problem-gone = Tu cuenta de BackOffice se ha eliminado, así que tu vínculo ya no cuenta. Habla con un administrador.
account-problem-disabled = Tu cuenta de BackOffice está deshabilitada, así que tu vínculo ya no cuenta. Habla con un administrador.
account-problem-not-in-group = Tu cuenta de BackOffice no está en ningún grupo de Customer Service, así que tu vínculo ya no cuenta. Habla con un administrador.
account-problem-unverified = La dirección de tu cuenta de BackOffice no está verificada, así que tu vínculo ya no cuenta. Habla con un administrador.
not-eligible-role = Ya no tienes el rol de agente. Pídelo a un administrador de este servidor.
not-eligible-link = Tu cuenta de Discord ya no está vinculada a la cuenta de BackOffice con la que se abrió esta sesión.

## Por qué se cerró una sesión

close-reason-finished = se finalizó.
close-reason-cancelled = se canceló.
close-reason-dismissed = se descartó.
close-reason-idle = no hubo actividad durante 15 minutos, así que la solicitud se ha perdido.
close-reason-absolute = llegó a su fin a los 60 minutos.
close-reason-agent-locked-out = demasiados códigos incorrectos del agente.
close-reason-customer-locked-out = demasiados códigos incorrectos del cliente.
close-reason-agent-ineligible = el agente ya no está autorizado a ayudar a clientes.
close-reason-customer-inactive = el cliente ya no está activo en Waizant.
close-reason-role-changed = el rol del cliente en el ecosistema ha cambiado.
close-reason-succession-over = la sucesión ha terminado o ya es de otra persona.
close-reason-proof-invalid = la verificación ha caducado. Empieza de nuevo.
close-reason-replaced = un enlace más nuevo ocupó su lugar.

## Asistencia Técnica

technical-title = Asistencia Técnica
session-footer = Sesión { $session }
field-customer = Cliente
field-email = Correo
field-state = Estado en Waizant
field-ecosystems = Ecosistemas
field-successions = Sucesiones
field-ecosystem = Ecosistema
field-role = Rol
status-active = Activo desde { $since }
status-pending = Pendiente desde { $since }
status-suspended = Suspendido (cliente desde { $since })
status-closed = Cerrado (cliente desde { $since })
status-unknown = Desconocido (cliente desde { $since })
role-owner = Propietario
role-member = Miembro
role-successor = Sucesor

found-ready = Pregunta al cliente si quiere ayuda ahora y después inicia la verificación.
found-pending = Este cliente no ha terminado de registrarse, así que aún no hay nada que verificar. Pídele que complete su registro.
found-suspended = Este cliente está suspendido. Solo puede ayudarle el equipo de Waizant que suspendió la cuenta.
found-closed = Este cliente cerró su cuenta. Ya no se le puede dar soporte.
found-unknown = Este bot no conoce el estado de este cliente, así que no se puede verificar nada. Comunícalo a un administrador.
found-no-ecosystem = Este cliente no pertenece a ningún ecosistema, así que no hay nada a lo que dar soporte.
found-no-succession = Este cliente no es sucesor en ninguna sucesión, así que aquí no hay nada en lo que ayudar. Sus propios ecosistemas están en `/soporte tecnica`.
found-attended-by = { $agent } está atendiendo a este cliente ahora mismo.
found-attended = Otro agente está atendiendo a este cliente ahora mismo.

choose-text = Elige el ecosistema con el que el cliente necesita ayuda.
page-of = Página { $page } de { $pages }.
choose-placeholder = Elige un ecosistema
choose-unread = Ahora mismo no se puede leer qué hay para elegir. `/soporte reanudar` lo intenta de nuevo.
choose-succession-text = El cliente es sucesor en varios ecosistemas. Elige aquel con el que necesita ayuda.
choose-succession-placeholder = Elige una sucesión

agent-heading = Paso 1 de 2: verificación interna
agent-sent = Se ha enviado un código **a tu correo**, { $to }. Es válido hasta las { $until } ({ $left }).
agent-none = Todavía no hay ningún código en camino hacia ti.
agent-expired = El código que se te envió ha caducado.
customer-heading = Paso 2 de 2: verificación del cliente
customer-announce = Se enviará un código a la persona a la que das soporte, a { $to }. Dile que es de Waizant y pídele que te lo lea.
customer-sent = Se ha enviado un código al **cliente**, a { $to }. Es válido hasta las { $until } ({ $left }). Pide al cliente que te lo lea.
customer-expired = El código que se envió al cliente ha caducado.
code-resend-at = Se podrá enviar otro { $at }.
code-sends-left = { $left ->
    [0] No se puede enviar ningún código más.
    [one] Se puede enviar 1 código más.
   *[other] Se pueden enviar { $left } códigos más.
}

acting-text = Ambos están verificados. ¿Qué necesitas abrir para el cliente?
acting-owner = El cliente es **propietario** de este ecosistema.
acting-member = El cliente es **miembro** de este ecosistema.

plan-heading = Detalles del plan
plan-name = Plan
plan-state = Estado
plan-price = Precio
plan-renews = Se renueva
plan-includes = Incluye
plan-renews-never = No se renueva
plan-ends = Termina
plan-nothing = No hay nada en la lista.
plan-month = { $price } al mes
plan-year = { $price } al año
plan-other = { $price }
plan-status-active = Activo
plan-status-trial = En prueba
plan-status-past-due = Pago atrasado
plan-status-cancelled = Cancelado
plan-status-unknown = Desconocido
plan-gone = El plan de este ecosistema no se puede leer en este momento.

opened-store = Waizant Store
opened-web = Waizant Web
opened-app = Waizant App
opened-successor = Acceso para el sucesor
opened-successor-qr = El sucesor lo escanea con su dispositivo móvil. Funciona **una vez** y termina { $until }.
opened-successor-qr-alt = Código QR que da acceso al sucesor
opened-link = Esto abre { $place } con la sesión del cliente iniciada. Funciona **una vez** y termina { $until }.
opened-qr = Escanéalo con el dispositivo móvil. Funciona **una vez** y termina { $until }.
opened-qr-alt = Código QR que abre Waizant App
opened-ended = Terminó con la sesión.
opened-expired = Ha caducado. Ábrelo otra vez desde el panel si todavía lo necesitas.
open-store = Abrir la tienda
open-web = Abrir la web

warning-idle = ⏳ Hace un rato que no pasa nada. Esta sesión se cierra { $at }.
warning-customer = ⏳ El cliente no ha respondido. Esta sesión se cierra { $at }.
warning-absolute = ⏳ Esta sesión llega a su fin { $at }, pase lo que pase.
stripped-text = Esta sesión se cierra por falta de actividad a las { $at } ({ $left }). Hasta entonces Reanudar la continúa; después la solicitud se pierde.
stripped-customer = El cliente no ha respondido, así que esta sesión se cierra a las { $at } ({ $left }). Hasta entonces Reanudar muestra su panel una vez más.
stripped-absolute = Esta sesión termina a las { $at } ({ $left }), pase lo que pase. Hasta entonces Reanudar muestra su panel una vez más.
closed-title = Sesión cerrada

button-start = Iniciar verificación
button-close = Cerrar
button-previous = Página anterior
button-next = Página siguiente
button-enter-code = Escribir código
button-resend = Reenviar
button-send = Enviar código
button-change = Cambiar ecosistema
button-cancel = Cancelar
button-try-again = Intentar de nuevo
button-store = Waizant Store
button-web = Waizant Web
button-app = Waizant App
button-plan = Ver detalles del plan
button-back = Volver
button-finish = Finalizar
button-stay = Seguir aquí
button-resume = Reanudar

form-agent-code = Verificación interna
form-customer-code = Verificación del cliente
form-link-code = Vincula tu cuenta de BackOffice
form-code-label = Los seis dígitos del código
form-code-placeholder = 123456
form-cancel = Cancelar el proceso
form-cancel-label = ¿Por qué se cancela?
form-cancel-placeholder = Entre 10 y 500 caracteres

## Ecosystem Admin

successor-title = Ecosystem Admin
succession-text = Ambos están verificados. Así va la sucesión.
succession-mailed = 📨 Se envió un QR de acceso al sucesor, a { $to }. Funciona **una vez** y termina { $until }.
succession-rejected = ❌ El paso { $number }, **{ $title }**, fue rechazado. Sus detalles dicen los motivos y qué hacer ahora.
succession-no-steps = Los pasos de esta sucesión no se pueden leer ahora mismo.
succession-step = Paso { $number } de { $all }: { $title }
succession-reasons = **Motivos**
succession-rejected-next = **Qué hacer ahora:** dile los motivos al sucesor. Cuando los haya corregido, Waizant volverá a revisar este paso. Un QR de acceso lleva al sucesor a la sucesión.
succession-current-next = Este paso está en curso.
succession-waiting-next = Este paso empieza cuando terminan los anteriores.
step-done = ✅ Hecho
step-current = 🔵 En curso
step-waiting = ⚪ En espera
step-rejected = ❌ Rechazado
step-unknown = ❔ Desconocido
button-change-succession = Cambiar sucesión
button-details = { $number }. Ver detalles
button-previous-step = Paso anterior
button-next-step = Paso siguiente
button-send-qr = Enviar QR
button-show-qr = Mostrar QR

## Reanudar

pick-title = Sesiones abiertas
pick-text = Elige la sesión cuyo panel quieres recuperar.
pick-placeholder = Elige una sesión
pick-label = { $customer } · { $session }
pick-description = { $kind } · abierta a las { $at } UTC · { $stage }
moved-text = Este panel se ha vuelto a mostrar en un mensaje más nuevo.
stage-found = consultado
stage-choosing = eligiendo el ecosistema
stage-choosing-succession = eligiendo la sucesión
stage-proving-agent = verificación interna
stage-announcing = antes del código del cliente
stage-proving-customer = verificación del cliente
stage-acting = verificado

## Vincular

link-title = Vincula tu cuenta de BackOffice
link-asked = Si { $to } es la dirección de una cuenta de BackOffice que puede dar soporte, hay un código en camino. Es válido hasta las { $until } ({ $left }).
link-expired = Si se envió un código, ya ha caducado.
link-done = Tu cuenta de Discord está vinculada a la cuenta de BackOffice de **{ $name }**. Se le ha enviado un aviso por correo.

## Qué está vinculado

show-title = Tu cuenta de BackOffice
show-counts = Tu vínculo cuenta: puedes ayudar a clientes.
show-closing = Tus sesiones abiertas se cierran con ello.
show-name = Nombre
show-email = Correo
show-since = Vinculada desde
show-groups = Grupos
show-group-counts = { $group } (válido)
show-no-groups = Ninguno
show-more-groups = … y { $count } más
show-sessions = Sesiones abiertas
show-no-sessions = Ninguna
show-session = Sesión { $session }
show-session-about = { $kind } · { $customer } · { $stage } · se cierra { $at }
show-more-sessions = { $count ->
    [one] Hay una sesión abierta más. `/soporte reanudar` las muestra.
   *[other] Hay { $count } sesiones abiertas más. `/soporte reanudar` las muestra.
}

## Recuperar la contraseña

recover-title = Recupera tu contraseña de BackOffice
recover-sent = Se ha enviado un código a { $to }. Si hay varios correos, usa el más reciente.
recover-resent = Se ha enviado un código nuevo a { $to }. Usa el correo más reciente.
recover-page = Escribe el código y una contraseña nueva en la página que abre el botón. Funciona hasta las { $until } ({ $left }) y para un solo cambio. No pases el enlace a nadie.
recover-no-address = Su dirección ya no se puede mostrar. Pide un enlace nuevo con `/cuenta recuperar`.
recover-never-here = Una contraseña nunca se escribe en Discord.
recover-link-dead = Su enlace ya no funciona.
button-open-page = Abrir la página

## Responsables

alert-locked-title = Sesión bloqueada
alert-locked-agent = Demasiados códigos incorrectos en la **verificación interna**.
alert-locked-customer = Demasiados códigos incorrectos en la **verificación del cliente**.
alert-locked-link = Demasiados códigos incorrectos al **vincular una cuenta**.
alert-agent = Agente
alert-session = Sesión

## Comandos

command-support = soporte
command-support-about = Ayuda a un cliente
command-technical = tecnica
command-technical-about = Asistencia Técnica: verifica a un cliente y ayúdale
command-technical-email = correo
command-technical-email-about = La dirección de correo del cliente
command-successor = sucesor
command-successor-about = Ecosystem Admin: verifica a un sucesor y ayúdale
command-successor-email = correo
command-successor-email-about = La dirección de correo del sucesor
command-resume = reanudar
command-resume-about = Vuelve a mostrar el panel de una sesión abierta
command-account = cuenta
command-account-about = Tu cuenta de BackOffice
command-link = vincular
command-link-about = Vincula tu cuenta de Discord a tu cuenta de BackOffice
command-link-email = correo
command-link-email-about = La dirección registrada de tu cuenta de BackOffice
command-show = mostrar
command-show-about = Qué está vinculado, si cuenta, y tus sesiones abiertas
command-recover = recuperar
command-recover-about = Recupera la contraseña de tu cuenta de BackOffice
command-recover-email = correo
command-recover-email-about = La dirección registrada de tu cuenta de BackOffice

## La página de recuperación

page-title = Nueva contraseña
page-sent = Se ha enviado un código a { $to }. Es válido durante una hora desde su envío; si hay varios correos, usa el más reciente.
page-until = { $minutes ->
    [one] Esta página sirve durante un minuto más, para un solo cambio.
   *[other] Esta página sirve durante { $minutes } minutos más, para un solo cambio.
}
page-code = Escribe tu código para restablecer la contraseña
page-code-hint = Seis dígitos
page-password = Nueva contraseña
page-again = Confirma la nueva contraseña
page-policy = Requisitos de la nueva contraseña:
page-history = { $count ->
    [one] Distinta de tu contraseña actual
   *[other] Distinta de tus últimas { $count } contraseñas
}
page-met = cumplido
page-not-met = pendiente
page-progress = { $met } de { $all } requisitos cumplidos
page-match = Las dos contraseñas coinciden.
page-no-match = Las contraseñas aún no coinciden.
page-show = Mostrar
page-hide = Ocultar
page-show-about = Mostrar las dos contraseñas
page-hide-about = Ocultar las dos contraseñas
page-save = Guardar la nueva contraseña
page-saving = Guardando…
page-no-mail = ¿No te ha llegado el código?
page-resend = Reenviar
page-sending = Enviando…
page-resend-wait = Se podrá enviar un código nuevo en { $time }.
page-resend-never = Desde esta página ya no se pueden enviar más códigos. Usa el correo más reciente o pide más tarde otro enlace en Discord.
page-resent = Se ha enviado un código nuevo a { $to }. Usa el correo más reciente.
page-error = Error
page-problem = No se ha podido completar
page-malformed-code = El código tiene seis dígitos. Compruébalo y corrígelo.
page-unmet = Todavía falta: { $unmet }.
page-mismatch = Las dos contraseñas no son iguales. Escribe las dos de nuevo.
page-wrong-code = Ese código no es correcto. Usa el del correo más reciente.
page-expired-code = Ese código no es válido o ya no lo es. Pide otro código aquí o con otro enlace de Discord.
page-weak = Esa contraseña no cumple los requisitos de abajo. Elige otra.
page-reused = Esa es una de tus últimas contraseñas. Elige una que no hayas usado.
page-too-many = Ha habido demasiados intentos con esta cuenta. Espera hasta una hora e inténtalo de nuevo.
page-overloaded = Hay demasiadas peticiones al mismo tiempo. Espera un minuto e inténtalo de nuevo.
page-not-recoverable = La contraseña de esta cuenta no se puede recuperar aquí. Habla con un administrador.
page-undelivered = No se ha podido entregar el correo. Inténtalo más tarde o habla con un administrador.
page-too-early = { $seconds ->
    [one] Se podrá enviar un código nuevo en 1 segundo.
   *[other] Se podrá enviar un código nuevo en { $seconds } segundos.
}
page-limit-requests = { $minutes ->
    [one] Has pedido tres códigos en una hora. Usa el correo más reciente o pide otro en 1 minuto.
   *[other] Has pedido tres códigos en una hora. Usa el correo más reciente o pide otro en { $minutes } minutos.
}
page-limit-confirms = { $minutes ->
    [one] Lo has intentado cinco veces en una hora. Inténtalo de nuevo en 1 minuto.
   *[other] Lo has intentado cinco veces en una hora. Inténtalo de nuevo en { $minutes } minutos.
}
page-maybe-sent = Algo ha fallado por nuestra parte y no se sabe si se envió un código. Mira en tu buzón; si no ha llegado ningún correo, pulsa Reenviar en la página. Si continúa, comunícalo con la referencia { $reference }.
page-maybe-sent-interrupted = Hubo una interrupción y no se sabe si se envió un código. Mira en tu buzón; si no ha llegado ningún correo, pulsa Reenviar en la página.
page-maybe-changed = Algo ha fallado por nuestra parte y no se sabe si tu contraseña se cambió. Prueba a entrar con la nueva; si no funciona, rellena la página otra vez. Si continúa, comunícalo con la referencia { $reference }.
page-maybe-changed-interrupted = Hubo una interrupción y no se sabe si tu contraseña se cambió. Prueba a entrar con la nueva; si no funciona, rellena la página otra vez.
page-failed = Algo ha fallado por nuestra parte. Inténtalo de nuevo; si continúa, comunícalo con la referencia { $reference }.
page-forms-only = El formulario no ha llegado como lo envía esta página. Abre otra vez el enlace de Discord y rellénalo allí.
page-done-title = Tu contraseña se ha cambiado
page-done = Inicia sesión en BackOffice con la nueva contraseña.
page-done-out = Se han cerrado todas tus sesiones de BackOffice. Una ventana que siga abierta puede funcionar un rato más, hasta que caduque su sesión.
page-done-out-soon = Se están cerrando todas tus sesiones de BackOffice; si falla, se vuelve a intentar durante una hora. Una ventana que siga abierta puede funcionar un rato más, hasta que caduque su sesión.
page-done-notice = Recibirás un aviso de ello en tu correo.
page-done-not-you = Si no has cambiado tú la contraseña, habla enseguida con un administrador.
page-done-close = Ya puedes cerrar esta página.
page-gone-title = Este enlace no funciona
page-gone = Tiene más de una hora, se cerró, se sustituyó por otro o no se copió entero. Pide otro en Discord con /cuenta recuperar.
page-busy-title = Demasiadas peticiones
page-busy = Espera un minuto y vuelve a cargar la página.

requirement-at-least = { $least ->
    [one] Al menos 1 carácter
   *[other] Al menos { $least } caracteres
}
requirement-at-most = Como máximo { $most } caracteres
requirement-lowercase = Una letra minúscula (a–z)
requirement-uppercase = Una letra mayúscula (A–Z)
requirement-number = Un número (0–9)
requirement-symbol = Un carácter especial (por ejemplo ! @ # $ % & *)
requirement-no-space = Sin espacios
