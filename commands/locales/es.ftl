# Todos los textos del bot en español. en.ftl tiene los mismos mensajes y argumentos.

## Rechazos

refusal-not-an-agent = Solo los agentes de soporte pueden usar esto. Pide el rol de agente a un administrador de este servidor.
refusal-wrong-channel = Esto solo funciona en { $channel }.
refusal-wrong-channels = Esto solo funciona en { $support } y { $leads }.
refusal-not-a-lead = Solo los responsables pueden usar esto. Pide a un administrador de este servidor el rol de responsable.
refusal-no-leads = Este bot aún no tiene responsables: su configuración no nombra un rol de responsable o un grupo de responsables. Habla con el operador.
refusal-not-in-lead-group = Tu cuenta de BackOffice no está en ningún grupo de responsables. Habla con un administrador.
refusal-unknown-session = Ninguna sesión de las últimas 24 horas empieza por ese id. Escribe al menos sus seis primeros caracteres, o elige una de la lista.
refusal-not-linked = Tu cuenta de Discord aún no está vinculada a una cuenta de BackOffice.
refusal-never-signed-in = No has cambiado la contraseña temporal de tu cuenta de BackOffice, así que no se puede recuperar. Pide una contraseña temporal nueva a un administrador.
refusal-not-recoverable = El estado de tu cuenta de BackOffice no permite recuperar la contraseña. Habla con un administrador.
refusal-other-address = Esa no es la dirección de tu cuenta de BackOffice vinculada. Compruébala con `/cuenta mostrar`. Este intento cuenta como uno de los tres por hora.
refusal-recovery-not-set-up = La recuperación de contraseñas no está configurada en este bot. Habla con un administrador.
refusal-not-yours = Este panel es de otro agente.
refusal-unknown-button = Este botón es de otra versión del bot. Abre tu panel otra vez con `/soporte reanudar`.
refusal-outdated-command = Los comandos han cambiado. Reinicia Discord y escríbelo otra vez.
refusal-session-gone = Esta sesión ya no existe. Abre otra con `/soporte tecnica` o `/soporte sucesor`.
refusal-already-done = Eso ya estaba hecho. Este es el estado actual.
refusal-closed = Esta sesión está cerrada ({ $at }): { $why }
refusal-closed-by-lead = Sesión cerrada ({ $at }) por un responsable. Habla con tu responsable.
refusal-nothing-open = No tienes ninguna sesión abierta. Empieza una con `/soporte tecnica` o `/soporte sucesor`.
refusal-malformed-email = Esa dirección de correo no es válida. Usa la forma `nombre@empresa.com`.
refusal-several-emails = Ese texto contiene varias direcciones. Escribe solo una.
refusal-malformed-ticket = Ese número de ticket no es válido. Usa hasta 64 letras (de la A a la Z), cifras y los caracteres `- _ # / . :`, como `ZD-1234`.
refusal-unknown-customer = Ningún cliente de Waizant tiene la dirección { $email }. Comprueba con el cliente cómo se escribe.
refusal-several-customers = Varios clientes de Waizant tienen ese correo, así que no se puede saber cuál es. Avisa a un administrador.
refusal-own-address = Esa es tu propia dirección, y un mismo buzón no puede superar las dos verificaciones. Pide ayuda a un compañero.
refusal-attended = Otro agente está atendiendo a este cliente ahora mismo.
refusal-too-many-open = Ya tienes tres sesiones abiertas. Finaliza o cancela una de ellas y vuelve a pulsar el botón de inicio. `/soporte reanudar` las muestra.
refusal-no-links-left = Esta sesión ya ha abierto diez enlaces de acceso, el máximo. Si el cliente necesita más, finalízala y empieza otra.
refusal-limit-lookups = Has alcanzado el límite de búsquedas de clientes. Inténtalo de nuevo { $at }.
refusal-limit-daily-lookups = Has alcanzado el límite diario de búsquedas de clientes. Inténtalo de nuevo { $at }.
refusal-limit-sends = Se han enviado 10 códigos a este cliente en 24 horas, el límite diario de un cliente. Podrás enviar otro { $at }.
refusal-limit-agent-sends = Se te han enviado 60 códigos en 24 horas, el límite diario de un agente. Podrás enviar otro { $at }.
refusal-limit-wrong-codes = Se han introducido demasiados códigos incorrectos en la última hora. Inténtalo de nuevo { $at }.
refusal-limit-links = Has pedido vincular una cuenta demasiadas veces. Inténtalo de nuevo { $at }.
refusal-limit-files = Has tomado cinco archivos en la última hora. Inténtalo de nuevo { $at }.
refusal-limit-recoveries = Has pedido recuperar la contraseña tres veces en la última hora. Inténtalo de nuevo { $at }.
refusal-locked-out = { $whose ->
    [customer] La verificación del cliente está bloqueada por demasiados códigos incorrectos. Inténtalo de nuevo { $at }.
   *[own] Tu propia verificación está bloqueada por demasiados códigos incorrectos. Inténtalo de nuevo { $at }.
}
refusal-locked-until-unlocked = { $whose ->
    [customer] La verificación del cliente está bloqueada por 20 códigos incorrectos seguidos. Pide a un responsable o a un operador que la desbloquee.
   *[own] Tu propia verificación está bloqueada por 20 códigos incorrectos seguidos. Pide a un responsable o a un operador que la desbloquee.
}
refusal-locked-after-report = { $whose ->
    [customer] La verificación del cliente está bloqueada hasta las { $at }, porque el cliente denunció una petición de ayuda.
   *[own] Tu propia verificación está bloqueada hasta las { $at }, porque se denunció un correo. Habla con tu responsable.
}
refusal-own-account = No puedes hacer esto con tu propia cuenta. Pídeselo a otro responsable.
refusal-own-session = Esta es tu propia sesión.
refusal-not-started = El agente todavía no ha empezado a atender a este cliente. Búscalo tú.
refusal-took-over = Has tomado el relevo de { $agent }. Tú y el cliente tenéis que verificaros de nuevo.
refusal-locked-by-lead = { $whose ->
    [customer] Un responsable ha bloqueado la verificación del cliente hasta el { $at }. Habla con tu responsable.
   *[own] Estás bloqueado hasta el { $at }. Habla con tu responsable.
}
refusal-malformed-code = El código tiene seis dígitos. Compruébalo y escríbelo de nuevo. No has perdido ningún intento.
refusal-wrong-code = { $left ->
    [one] Ese código no es correcto. Queda 1 intento.
   *[other] Ese código no es correcto. Quedan { $left } intentos.
}
refusal-expired-code = Ese código ha caducado. No has perdido ningún intento.
refusal-code-on-its-way = El código aún se está enviando. Espera un momento y escríbelo otra vez. No has perdido ningún intento.
refusal-type-again = La comprobación del código se interrumpió. Escribe el código otra vez. No has perdido ningún intento.
refusal-too-early = Se podrá enviar un código nuevo { $at }.
refusal-no-sends-left = Ya se enviaron los tres códigos de esta verificación. Usa el más reciente, o cancela y empieza de nuevo.
refusal-no-such-mailbox = El buzón del código más reciente no existe, así que no se le envía otro. Cancela y empieza de nuevo cuando la dirección registrada sea correcta.
refusal-undelivered = No se pudo entregar el mensaje. Comprueba la dirección registrada o inténtalo más tarde.
refusal-unopened = No se pudo crear el enlace de acceso. Inténtalo más tarde.
refusal-busy = El servicio está ocupado. Inténtalo de nuevo en un momento.
refusal-busy-until = El servicio está ocupado. Inténtalo de nuevo { $at }.
refusal-reason-too-short = El motivo es demasiado corto. Escribe al menos 10 caracteres.
refusal-reason-too-long = El motivo es demasiado largo. Escribe como máximo 500 caracteres.
refusal-unknown-succession = Esa sucesión ya no es de este cliente. Elige otra.
refusal-other-kind = Ya estás atendiendo a este cliente en { $kind }. Termina o cancela primero esa sesión. Este es su panel.
refusal-unknown-ecosystem = Ese ecosistema ya no es de este cliente. Elige otro.
refusal-too-late = La sesión está a punto de terminar, así que ya no se pueden abrir enlaces nuevos. Finalízala y empieza otra si hace falta.
refusal-already-linked = Tu cuenta de Discord ya está vinculada a { $email }. Un responsable puede quitar ese vínculo.
refusal-linked-meanwhile = El código es correcto, pero mientras tanto una de las dos cuentas se ha vinculado a otra. Un responsable puede quitar ese vínculo.
refusal-failed = Algo ha fallado por nuestra parte. Inténtalo de nuevo. Si el problema continúa, comunícalo con la referencia `{ $reference }`.

## Por qué un vínculo no es válido y por qué un agente no está autorizado

account-problem-gone = Tu cuenta de BackOffice se ha eliminado, así que tu vínculo ya no es válido. Habla con un administrador.
account-problem-disabled = Tu cuenta de BackOffice está deshabilitada, así que tu vínculo ya no es válido. Habla con un administrador.
account-problem-not-in-group = Tu cuenta de BackOffice no está en ningún grupo de Customer Service, así que tu vínculo ya no es válido. Habla con un administrador.
account-problem-unverified = La dirección de tu cuenta de BackOffice no está verificada, así que tu vínculo ya no es válido. Habla con un administrador.
not-eligible-role = Ya no tienes el rol de agente. Pídelo a un administrador de este servidor.
not-eligible-link = Tu cuenta de Discord ya no está vinculada a la cuenta de BackOffice con la que se abrió esta sesión.
not-eligible-verify-only = Tu grupo ahora solo te permite verificar a los clientes. Empieza de nuevo para verificar a este.
not-eligible-locked-out = Estás bloqueado hasta el { $at }. Habla con tu responsable.
not-eligible-locked-until-unlocked = Estás bloqueado hasta que un responsable te desbloquee. Habla con tu responsable.

## Motivos de cierre de una sesión

close-reason-finished = se finalizó.
close-reason-cancelled = se canceló.
close-reason-dismissed = se descartó.
close-reason-idle = no hubo actividad durante 15 minutos, así que la solicitud se ha perdido.
close-reason-absolute = alcanzó su límite de 60 minutos.
close-reason-agent-locked-out = el código del agente fue incorrecto demasiadas veces.
close-reason-customer-locked-out = el código del cliente fue incorrecto demasiadas veces.
close-reason-agent-ineligible = el agente ya no puede continuarla.
close-reason-customer-inactive = el cliente ya no está activo en Waizant.
close-reason-role-changed = el rol del cliente en el ecosistema ha cambiado.
close-reason-succession-over = la sucesión ha terminado o tiene otro sucesor.
close-reason-proof-invalid = la verificación ha caducado. Empieza de nuevo.
close-reason-replaced = se sustituyó por un enlace más nuevo.
close-reason-unreadable = el bot no pudo leerla. Empieza de nuevo.
close-reason-tampered = su registro se modificó fuera del bot. Empieza de nuevo.
close-reason-ended-by-operator = el operador la terminó. Empieza de nuevo.
close-reason-nameless = la cuenta de BackOffice no tiene nombre, y los correos a los clientes lo necesitan. Pide a un administrador que lo añada y vuelve a vincular la cuenta.
close-reason-by-lead = la cerró un responsable.
close-reason-taken-over = un responsable ha tomado el relevo.
close-reason-reset-locked-out = el código para restablecer la contraseña fue incorrecto demasiadas veces.
close-reason-reported = el dueño de un buzón no pidió su correo. Habla con tu responsable.

## Asistencia Técnica

technical-title = Asistencia Técnica
footer = { $kind } · Sesión { $session } · ¿Sin panel? /soporte reanudar
footer-closed = { $kind } · Sesión { $session }
status-active = ✅ Activo desde { $since }
status-pending = ⏳ Pendiente desde { $since }
status-suspended = ⛔ Suspendido (cliente desde { $since })
status-closed = ⛔ Cerrado (cliente desde { $since })
status-unknown = ❔ Estado desconocido (cliente desde { $since })
date-unknown = día desconocido
role-owner = propietario
role-member = miembro
role-successor = sucesor
found-ecosystems = { $count ->
    [one] 1 ecosistema
   *[other] { $count } ecosistemas
}
found-successions = { $count ->
    [one] 1 sucesión
   *[other] { $count } sucesiones
}

found-ready = Pregúntale si quiere ayuda ahora.
found-pending = Este cliente no ha terminado de registrarse, así que aún no se puede verificar. Pídele que complete su registro.
found-suspended = Este cliente está suspendido. Solo puede ayudarle el equipo de Waizant que suspendió la cuenta.
found-closed = Este cliente cerró su cuenta. Ya no se le puede dar soporte.
found-unknown = Este bot no conoce el estado de este cliente, así que no se puede verificar. Comunícalo a un administrador.
found-no-ecosystem = Este cliente no pertenece a ningún ecosistema, así que no hay nada a lo que dar soporte.
found-no-succession = Este cliente no es sucesor en ninguna sucesión. Para sus propios ecosistemas, usa `/soporte tecnica`.
found-attended-by = { $agent } está atendiendo a este cliente ahora mismo.
found-attended = Otro agente está atendiendo a este cliente ahora mismo.
choose-title = 1 de 4 · El ecosistema

choose-text = Elige el ecosistema con el que el cliente necesita ayuda.
page-of = Página { $page } de { $pages }.
choose-placeholder = Elige un ecosistema
choose-unread = No se pudo cargar la lista. Prueba con `/soporte reanudar`.
choose-succession-title = 1 de 4 · La sucesión
choose-succession-text = Elige el ecosistema cuyo sucesor necesita ayuda.
choose-succession-placeholder = Elige una sucesión
agent-title = 2 de 4 · Tu propio código

agent-sent = Escribe el código enviado **a tu correo**, { $to }, válido hasta las { $until }.
agent-none = No tienes ningún código válido. Pulsa Reenviar para recibir uno.
agent-expired = El código que se te envió ha caducado. Pulsa Reenviar para recibir otro.
customer-title = 3 de 4 · El código del cliente
customer-announce = Di: «Le envío un código de Waizant a su correo. Me nombra a mí y a { $ecosystem }. Si es correcto, léamelo, por favor».
customer-goes-to = se enviará a { $to }
verify-only-technical = Esta sesión verifica al cliente y muestra el plan, pero no abre ningún enlace de acceso.
verify-only-successor = Esta sesión verifica al sucesor y muestra los pasos, pero no crea ningún código QR.
customer-sent = Pide al cliente que te lea el código enviado a { $to }, válido hasta las { $until }.
customer-expired = El código del cliente ha caducado. Pulsa Reenviar para enviar otro.
code-taken-at = El servidor de correo lo recibió a las { $at }.
code-taken = El servidor de correo lo recibió.
code-late-customer = ⏳ Sigue en camino después de un minuto. Pide al cliente que mire en el correo no deseado.
code-late-own = ⏳ Sigue en camino después de un minuto. Mira en tu correo no deseado.
code-next-now = Ya se puede enviar un código nuevo.
code-bounced-customer = 📭 El buzón { $to } no acepta el código ({ $why }). No aceptes otra dirección de quien llama: una dirección solo se cambia con el proceso propio de Waizant.
code-bounced-own = 📭 Tu buzón { $to } no acepta el código ({ $why }). Habla con un administrador.
bounce-no-such-mailbox = no existe
bounce-mailbox-full = está lleno
bounce-blocked = bloqueado
bounce-other = motivo desconocido
code-resend-at = Se podrá enviar otro código { $at }.
code-last = Este es el último código de esta sesión.
code-expired-last = Ningún código de esta sesión es válido y no se pueden enviar más. Cancela y empieza de nuevo.

acting-text = Elige qué abrir para el cliente.
acting-verify-only = Puedes hablar de esta cuenta. Para abrir Waizant para el cliente, un agente con todos los permisos tiene que empezar de nuevo con otro código.
acting-title = 4 de 4 · { $customer }
succeeding-title = 4 de 4 · { $customer } se hace cargo de { $ecosystem }
acting-identity = { $email } · { $role } de { $ecosystem }
acting-verified = verificado hasta las { $until } como máximo
plan-title = Plan · { $ecosystem }

plan-renews = se renueva el { $at }
plan-includes = Incluye:
plan-renews-never = no se renueva
plan-ends = termina el { $at }
plan-nothing = No hay prestaciones en la lista.
plan-month = { $price } al mes
plan-year = { $price } al año
plan-price-unknown = Precio desconocido
plan-status-active = Activo
plan-status-trial = En prueba
plan-status-past-due = Pago atrasado
plan-status-cancelled = Cancelado
plan-status-unknown = Desconocido
plan-gone = No se pudo cargar el plan. Inténtalo más tarde.
ready-store = 🔗 Store está listo hasta las { $until } ({ $left })
ready-web = 🔗 Web está listo hasta las { $until } ({ $left })
ready-app = 📱 App: escanea el código QR hasta las { $until } ({ $left })
ready-successor = 📱 Pide al sucesor que escanee el código QR hasta las { $until } ({ $left })
qr-app-alt = Código QR que abre Waizant App
qr-successor-alt = Código QR que da acceso al sucesor

open-store = Abrir Waizant Store
open-web = Abrir Waizant Web
open-app = Abrir Waizant App
open-succession = Abrir la sucesión
progress-agent-code = ⏳ Enviando el código a tu correo…
progress-customer-code = ⏳ Enviando el código al cliente…
progress-check = ⏳ Comprobando el código…
progress-link = ⏳ Abriendo { $place }…
progress-qr = ⏳ Creando el código QR…
progress-mail = ⏳ Enviando el código QR…

warning-idle = ⏳ No hay actividad reciente. Esta sesión se cierra { $at }.
warning-customer = ⏳ El cliente no ha respondido. Esta sesión se cierra { $at }.
warning-absolute = ⏳ Esta sesión alcanza su límite de 60 minutos { $at }. No se puede prolongar.
stripped-text = Esta sesión se cierra a las { $at } ({ $left }) por falta de actividad. Pulsa Reanudar para continuar. Después de esa hora la solicitud se pierde.
stripped-customer = El cliente no ha respondido, así que esta sesión se cierra a las { $at } ({ $left }). Hasta entonces, pulsa Reanudar para ver su panel.
stripped-absolute = Esta sesión termina a las { $at } ({ $left }) y no se puede prolongar. Hasta entonces, pulsa Reanudar para ver su panel.
closed-title = Sesión cerrada
closed-taken-over = Sesión cerrada ({ $at }): { $lead } ha tomado el relevo.
done-title = ✅ Listo
done-title-named = ✅ Listo con { $customer }
done-text = Esta sesión se finalizó a las { $at }.
done-links = Los enlaces y códigos QR de esta sesión ya no funcionan.

button-start = Iniciar verificación
button-start-named = Iniciar verificación para { $ecosystem }
button-close = Cerrar
button-previous = Página anterior
button-next = Página siguiente
button-enter-code = Escribir código
button-resend = Reenviar
button-send = Enviar código
button-change = Cambiar ecosistema
button-cancel = Cancelar
button-try-again = Intentar de nuevo
button-try-address = Probar otra dirección
button-help-another = Atender a otro cliente
button-link-account = Vincular mi cuenta
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
form-code-label-to = Código enviado a { $to }
form-code-placeholder = 123456
form-cancel = Enviar cierra esta sesión
try-again-title = ¿Por qué se cancela?
form-cancel-label = ¿Por qué se cancela?
form-cancel-placeholder = Entre 10 y 500 caracteres
form-customer-address = El correo del cliente
form-successor-address = El correo del sucesor
form-own-address = El correo de tu cuenta de BackOffice
form-address-placeholder = nombre@empresa.com
form-ticket = Ticket (opcional)
form-ticket-placeholder = ZD-1234

## Ecosystem Admin

successor-title = Ecosystem Admin
succession-mailed = 📨 Se ha enviado un código QR al sucesor, a { $to }. Funciona una vez y caduca { $until }.
succession-rejected = ❌ **El paso { $number }, { $title }**, fue rechazado:
succession-rejected-on = ❌ **El paso { $number }, { $title }**, fue rechazado el { $at }:
succession-verify-only = Verificado hasta las { $until } como máximo. Puedes hablar de esta sucesión. Para dar acceso al sucesor, un agente con todos los permisos tiene que empezar de nuevo con otro código.
succession-no-steps = No se pudieron cargar los pasos de esta sucesión. Inténtalo más tarde.
succession-step = Paso { $number } de { $all }: { $title }
succession-untitled = Sin título
succession-reasons = **Motivos**
succession-rejected-next = **Qué hacer ahora:** dile los motivos al sucesor. El código QR abre la sucesión para corregir el paso.
succession-rejected-verify-only = **Qué hacer ahora:** dile los motivos al sucesor. Con un agente con todos los permisos puede corregirlo.
succession-current-next = Este paso está en curso.
succession-waiting-next = Este paso empieza cuando terminan los anteriores.
step-done = Hecho
step-current = En curso
step-waiting = En espera
step-rejected = Rechazado
step-unknown = Desconocido
steps-placeholder = Ver detalles
button-change-succession = Cambiar sucesión
button-previous-step = Paso anterior
button-next-step = Paso siguiente
button-send-qr = Enviar QR
button-show-qr = Mostrar QR

## Reanudar

pick-title = Sesiones abiertas
pick-text = Elige la sesión cuyo panel quieres abrir.
pick-placeholder = Elige una sesión
pick-label = { $customer } · { $session }
pick-description = { $kind } · abierta a las { $at } UTC · { $stage }
moved-text = Este panel se ha movido a un mensaje más nuevo.
minimal-title = Panel sin detalles
minimal-text = Discord no ha aceptado el panel completo, así que solo se muestran sus botones. Avisa a un administrador.
minimal-last = Discord no ha aceptado el panel. Con este botón sales de la sesión. Avisa a un administrador.
minimal-note-title = Mensaje sin detalles
minimal-note = Discord no ha aceptado el mensaje completo. Avisa a un administrador.
stage-found = consultado
stage-choosing = eligiendo el ecosistema
stage-choosing-succession = eligiendo la sucesión
stage-proving-agent = verificación interna
stage-announcing = código del cliente sin enviar
stage-proving-customer = verificación del cliente
stage-acting = verificado

## Vincular

link-title = El código de tu correo
link-road = Vincular tu cuenta de BackOffice
link-asked = Si { $to } es la dirección de una cuenta de BackOffice que puede dar soporte, va un código de camino. Escríbelo antes de las { $until }.
link-expired = Si se envió un código, ha caducado. Pulsa Reenviar para recibir otro.
link-expired-last = Si se envió un código, ha caducado, y era el último. Cierra y empieza de nuevo.
link-done-title = ✅ Tu cuenta está vinculada
link-done = Tu cuenta de Discord está vinculada a la cuenta de BackOffice de **{ $name }**. Se ha enviado un aviso a su dirección.

## Cuenta vinculada

show-title = Tu cuenta de BackOffice
show-counts = Tu vínculo es válido: puedes ayudar a clientes.
show-verifies = Tu vínculo es válido, **solo verificación**: puedes verificar a los clientes, pero no abrir enlaces de acceso.
show-leads = Tu vínculo es válido: eres responsable y puedes usar `/mesa`.
show-closing = Tus sesiones abiertas se están cerrando.
show-since = Vinculada desde el { $since }
show-groups = **Grupos**
show-group-counts = { $group } (permite dar soporte)
show-group-verifies = { $group } (solo verificación)
show-group-leads = { $group } (responsable)
show-no-groups = **Grupos:** ninguno
show-more-groups = … y { $count } más
show-sessions = { $count ->
    [0] **Sesiones abiertas:** ninguna
    [one] **1 sesión abierta**
   *[other] **{ $count } sesiones abiertas**
}
show-session = { $session } · { $kind } · { $customer } · { $stage } · se cierra { $at }
show-more-sessions = { $count ->
    [one] Hay una sesión abierta más. `/soporte reanudar` las muestra.
   *[other] Hay { $count } sesiones abiertas más. `/soporte reanudar` las muestra.
}

## Recuperar la contraseña

recover-title = Elige una contraseña nueva
recover-road = Contraseña de BackOffice
recover-sent = Pulsa Abrir la página y escribe el código enviado a { $to }. Si recibiste varios correos, usa el más reciente.
recover-resent = Pulsa Abrir la página y escribe el nuevo código enviado a { $to }. Usa el correo más reciente.
recover-page = La página funciona hasta las { $until } ({ $left }) y para un solo cambio. No compartas el enlace.
recover-no-address = La dirección de la página ya no se puede mostrar. Pide un enlace nuevo con `/cuenta recuperar`.
recover-never-here = Nunca escribas una contraseña en Discord.
recover-link-dead = El enlace ya no funciona.
button-open-page = Abrir la página

## Responsables

alert-level = { $level ->
    [urgent] Urgente
    [warning] Advertencia
   *[notice] Aviso
}
alert-kind = { $kind ->
    [reported] El cliente dice: no fui yo
    [reported_agent] El buzón del agente dice: no fui yo
    [reported_twice] Varios clientes dicen: no fui yo
    [locked] Cinco códigos incorrectos
    [locked_consecutive] Bloqueo tras 20 códigos incorrectos seguidos
    [lookup_limit] Límite de búsquedas alcanzado
    [reset_codes] Códigos para restablecer la contraseña incorrectos
    [revoke_stuck] Los enlaces de acceso no se revocan
    [trail_broken] El registro de auditoría no se verifica
    [eligibility_lost] Un agente ya no está habilitado
    [lead_acted] Un responsable actuó
    [lookups_abandoned] Clientes buscados y no atendidos
    [enumeration] Búsquedas que no encuentran cliente
    [agent_shopping] Un cliente, varios agentes
    [repeated_codes] Un cliente, muchos códigos
    [slow_guessing] Códigos incorrectos en varias sesiones
    [fast_code] Códigos escritos muy deprisa
    [repeated_access] Un agente y un cliente, una y otra vez
    [bulk_access] Acceso a muchos clientes
    [colleague_access] El cliente es un compañero
    [mail_delivery] Los códigos no llegan
   *[collected] Más alertas
}
alert-state = { $state ->
    [handled] atendida
    [false] falsa alarma
   *[expired] cerrada sola
}
alert-person = { $role ->
    [lead] Responsable { $person }
   *[agent] Agente { $person }
}
alert-customer = cliente { $customer }
alert-session = sesión { $session }
alert-report = denuncia { $reference }
alert-count = { $count }×, la última { $last }
alert-collected = { $count } más desde { $since }: `/mesa avisos`
alert-reminder = { $alert } sigue abierta, tras { $minutes } min.
alert-outcome = { $outcome ->
    [handled] ✅ Atendida por { $lead }, { $at } · tras { $minutes } min
   *[false] ❎ Falsa alarma, dice { $lead }, { $at } · tras { $minutes } min
}
alert-expired = Se cerró sola tras 7 días.
alert-button-handled = Atendida
alert-button-false = Falsa alarma
alert-button-show = Ver
alert-button-reopen = Reabrir
alert-locked = { $purpose ->
    [agent_mfa] Demasiados códigos incorrectos en la **verificación interna**. La sesión está cerrada.
    [customer_consent] Demasiados códigos incorrectos en la **verificación del cliente**. La sesión está cerrada.
   *[agent_link] Demasiados códigos incorrectos al **vincular una cuenta**. La sesión está cerrada.
}
alert-locked-reset = Demasiados **códigos para restablecer la contraseña** incorrectos. El enlace de la página de recuperación está cerrado.
alert-wrong-reset-codes = Un agente ha introducido { $count } **códigos para restablecer la contraseña** incorrectos en 24 horas.
alert-locked-agent-until-unlocked = Fueron 20 seguidos: no se acepta ningún código de este agente hasta que un responsable pulse **Desbloquear**.
alert-locked-customer-until-unlocked = Fueron 20 seguidos: no se acepta ningún código de este cliente hasta que un responsable lo desbloquee en la ficha de `/mesa cliente`.
alert-locked-for-a-day = Fueron 20 seguidos: no se acepta ningún código durante 24 horas.
alert-lookups = { $window ->
    [day] Un agente ha buscado 120 direcciones **en 24 horas**.
   *[hour] Un agente ha buscado 30 direcciones **en una hora**.
}
alert-revoke-stuck = Los enlaces de acceso de una sesión cerrada no están revocados tras 10 minutos. El bot sigue intentándolo. Avisa al operador.
alert-trail = { $what ->
    [checkpoint] Un punto de control del registro de auditoría no se verifica.
    [session] Alguien cambió la fila de una sesión fuera del bot. La sesión está cerrada.
    [account_link] Alguien cambió la fila de un vínculo de cuenta fuera del bot. Ya no cuenta.
    [old_checkpoint] El registro de auditoría ha crecido y su último punto de control tiene más de 10 minutos.
   *[trail] { $findings ->
        [one] La verificación del registro de auditoría tiene un hallazgo.
       *[other] La verificación del registro de auditoría tiene { $findings } hallazgos.
    }
 } Alguien puede haber cambiado la base de datos. Avisa ya al operador: el registro del bot nombra cada hallazgo y `support-desk trail verify` los muestra de nuevo.
alert-eligibility-lost = { $why ->
    [role] Un agente perdió el rol con una sesión abierta. Está cerrada.
    [link] Un agente perdió el vínculo de su cuenta con una sesión abierta. Está cerrada.
   *[other] La cuenta de un agente ya no se puede usar. Una sesión abierta está cerrada.
}
alert-lead-acted = { $act ->
    [unlinked] Un responsable quitó el vínculo de la cuenta de { $target }.
    [locked_out] Un responsable bloqueó a { $target }.
    [unlocked] Un responsable desbloqueó a { $target }.
    [trail_file] Un responsable sacó un archivo del registro de auditoría.
   *[statistics_file] Un responsable sacó un archivo de las cifras.
}
alert-reported = { $whose ->
    [customer] El cliente respondió al correo de las { $at }: { $choice ->
        [not_me] **«Yo no pedí ayuda.»**
       *[not_sure] **«Leí el código en voz alta y ya no estoy seguro.»**
    }
    [linking] El dueño del buzón respondió al código de las { $at } que vincula una cuenta: { $choice ->
        [not_me] **«Yo no pedí esto.»**
       *[not_sure] **«Di el código y ya no estoy seguro.»**
    } La cuenta de Discord puede estar en otras manos.
    [notice] El dueño del buzón respondió al aviso de las { $at }: { $choice ->
        [not_me] **«Yo no pedí esto.»**
       *[not_sure] **«Di el código y ya no estoy seguro.»**
    } La cuenta de Discord puede estar en otras manos.
   *[agent] El dueño del buzón del agente respondió al código de las { $at }: { $choice ->
        [not_me] **«Yo no pedí esto.»**
       *[not_sure] **«Di el código y ya no estoy seguro.»**
    } La cuenta de Discord puede estar en otras manos.
}
alert-reported-closed = La sesión está cerrada.
alert-reported-closed-revokes = La sesión está cerrada y sus enlaces de acceso se están revocando.
alert-reported-closed-before = La sesión ya estaba cerrada. Sus enlaces de acceso se están revocando otra vez.
alert-reported-nothing-opened = La sesión ya estaba cerrada y no se abrió ningún enlace de acceso.
alert-reported-until = { $whose ->
    [customer] Este cliente no se puede verificar hasta las { $until }.
    [linking] Esta cuenta de Discord está bloqueada hasta las { $until }.
   *[agent] Este agente está bloqueado hasta las { $until }.
}
alert-reported-quick = La respuesta llegó en menos de 10 segundos, así que puede ser de un filtro de correo. Nadie queda bloqueado.
alert-reporters = { $count } clientes han denunciado sesiones de un mismo agente **en 24 horas**. El agente está bloqueado hasta las { $until }.
alert-opened = Abierto antes: { $opened }.
alerts-open = Alertas abiertas · { $count }
alerts-week = Alertas de 7 días · { $count }
alerts-none = No hay ninguna alerta abierta.
alerts-none-since = No hay ninguna alerta abierta. La última se respondió { $at }.
alerts-none-week = Ninguna alerta en los últimos 7 días.
alerts-look-at = Ver una alerta
refusal-unknown-alert = Ninguna alerta tiene esta referencia. Puede ser más antigua que el registro que se conserva.
refusal-alert-about-you = Esto es sobre ti. Tiene que verlo otro responsable.
refusal-alert-handled = { $lead } la marcó como atendida hace un momento.
refusal-alert-false = { $lead } la marcó como falsa alarma hace un momento.
refusal-alert-repeated = Acaba de ocurrir otra vez. Mira la tarjeta y pulsa de nuevo.
refusal-too-late-to-reopen = Se respondió hace más de 24 horas y sigue cerrada.

## Comandos

command-support = soporte
command-support-about = Ayuda a un cliente
command-technical = tecnica
command-technical-about = Asistencia Técnica: verifica a un cliente y ayúdale
command-technical-email = correo
command-technical-email-about = La dirección de correo del cliente
command-technical-ticket = ticket
command-technical-ticket-about = El número en tu sistema de tickets, como ZD-1234
command-successor = sucesor
command-successor-about = Ecosystem Admin: verifica a un sucesor y ayúdale
command-successor-email = correo
command-successor-email-about = La dirección de correo del sucesor
command-successor-ticket = ticket
command-successor-ticket-about = El número en tu sistema de tickets, como ZD-1234
command-resume = reanudar
command-resume-about = Vuelve a mostrar el panel de una sesión abierta
command-account = cuenta
command-account-about = Tu cuenta de BackOffice
command-link = vincular
command-link-about = Vincula tu cuenta de Discord a tu cuenta de BackOffice
command-link-email = correo
command-link-email-about = La dirección registrada de tu cuenta de BackOffice
command-show = mostrar
command-show-about = Muestra tu cuenta vinculada, su estado y tus sesiones abiertas
command-recover = recuperar
command-recover-about = Recupera la contraseña de tu cuenta de BackOffice
command-recover-email = correo
command-recover-email-about = La dirección registrada de tu cuenta de BackOffice
command-desk = mesa
command-desk-about = Para responsables: sesiones y agentes
command-sessions = sesiones
command-sessions-about = Lista las sesiones abiertas, o las de las últimas 24 horas
command-sessions-agent = agente
command-sessions-agent-about = Solo las sesiones de este agente
command-sessions-show = ver
command-sessions-show-about = Sesiones abiertas, o todas las de las últimas 24 horas
command-sessions-show-open = abiertas
command-sessions-show-day = últimas 24 h
command-close = cerrar
command-close-about = Cierra una sesión al instante y revoca sus enlaces de acceso
command-close-session = sesion
command-close-session-about = Elige una, o escribe seis caracteres de su id, el agente o el ticket
command-close-reason = motivo
command-close-reason-about = Por qué, de 10 a 500 caracteres; el agente no lo ve
command-stats = cifras
command-stats-about = Cuenta las sesiones de unos días, con un gráfico
command-stats-period = periodo
command-stats-period-about = Días hasta hoy; sin él, 7 días
command-stats-period-today = hoy
command-stats-period-week = 7 días
command-stats-period-month = 30 días
command-stats-period-quarter = 90 días
command-stats-agent = agente
command-stats-agent-about = Solo las sesiones de este agente
command-agent = agente
command-agent-about = Mira un agente, o lista los vinculados
command-agent-agent = agente
command-agent-agent-about = El agente que quieres mirar; sin él, todos los vinculados
command-unlink = desvincular
command-unlink-about = Quita al instante el vínculo de la cuenta de un agente y cierra sus sesiones
command-unlink-agent = agente
command-unlink-agent-about = El agente cuya cuenta de Discord deja de estar vinculada
command-unlink-reason = motivo
command-unlink-reason-about = Por qué, de 10 a 500 caracteres; se guarda en el registro
command-launcher = lanzador
command-launcher-about = Publica en el canal de soporte los botones con los que empiezan los agentes
command-alerts = avisos
command-alerts-about = Lista las alertas para los responsables, o busca una
command-alerts-show = ver
command-alerts-show-about = Alertas abiertas, o todas las de los últimos 7 días
command-alerts-show-open = abiertas
command-alerts-show-week = últimos 7 días
command-alerts-find = buscar
command-alerts-find-about = La referencia de una alerta (A-…), o la de una denuncia que lee un cliente (R-…)
command-trail = registro
command-trail-about = Lee el registro: de una sesión, un agente, un cliente o un ticket, o entero
command-trail-session = sesion
command-trail-session-about = Elige una, o escribe seis caracteres de su id, el agente o el ticket
command-trail-agent = agente
command-trail-agent-about = Lo que ha hecho este agente o responsable
command-trail-customer = cliente
command-trail-customer-about = El correo electrónico del cliente; cuenta como una búsqueda
command-trail-ticket = ticket
command-trail-ticket-about = El número en vuestro sistema de tickets
command-trail-what = que
command-trail-what-about = Los tipos de eventos; sin esto, todos
command-trail-what-all = todo
command-trail-what-codes = códigos
command-trail-what-links = enlaces de acceso
command-trail-what-refusals = rechazos
command-trail-what-leads = responsables
command-trail-what-alerts = alertas
command-trail-days = dias
command-trail-days-about = Hasta cuándo hacia atrás; sin esto, siete días
command-trail-days-1 = 1 día
command-trail-days-7 = 7 días
command-trail-days-30 = 30 días
command-trail-days-90 = 90 días
command-trail-days-365 = 365 días
command-customer = cliente
command-customer-about = Mira a un cliente: sesiones anteriores, denuncias, bloqueo
command-customer-email = correo
command-customer-email-about = La dirección registrada del cliente; cuenta como una búsqueda

## La página de recuperación

page-title = Nueva contraseña
page-sent = Se ha enviado un código a { $to }. Es válido durante una hora desde su envío. Si has recibido varios correos, usa el más reciente.
page-until = { $minutes ->
    [one] Esta página funciona durante 1 minuto más y para un solo cambio.
   *[other] Esta página funciona durante { $minutes } minutos más y para un solo cambio.
}
page-username = Tu cuenta de BackOffice
page-code = Escribe tu código para restablecer la contraseña
page-code-hint = Seis dígitos
page-password = Nueva contraseña
page-again = Confirma la nueva contraseña
page-policy = Requisitos de la nueva contraseña:
page-history = { $count ->
    [one] Distinta de tu contraseña actual
   *[other] Distinta de tus últimas { $count } contraseñas
}
page-not-guessable = Difícil de adivinar: ni contraseñas comunes, ni nombres de Waizant, ni tu nombre o tu correo
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
page-guessable = Esa contraseña es fácil de adivinar. Evita las contraseñas comunes, los nombres de Waizant y de sus productos, y tu propio nombre y correo.
page-mismatch = Las dos contraseñas no coinciden. Escribe las dos de nuevo.
page-wrong-code = Ese código no es correcto. Usa el del correo más reciente.
page-expired-code = Ese código no es válido o ha caducado. Pide otro aquí o con otro enlace de Discord.
page-weak = Esa contraseña no cumple los requisitos de abajo. Elige otra.
page-reused = Esa es una de tus últimas contraseñas. Elige una que no hayas usado.
page-too-many = Ha habido demasiados intentos con esta cuenta. Espera hasta una hora e inténtalo de nuevo.
page-overloaded = Hay demasiadas peticiones en este momento. Espera un minuto e inténtalo de nuevo.
page-not-recoverable = La contraseña de esta cuenta no se puede recuperar aquí. Habla con un administrador.
page-undelivered = No se ha podido entregar el correo. Inténtalo más tarde o habla con un administrador.
page-too-early = { $seconds ->
    [one] Se podrá enviar un código nuevo en 1 segundo.
   *[other] Se podrá enviar un código nuevo en { $seconds } segundos.
}
page-limit-requests = { $minutes ->
    [one] Has pedido tres códigos en la última hora. Usa el correo más reciente o inténtalo de nuevo en 1 minuto.
   *[other] Has pedido tres códigos en la última hora. Usa el correo más reciente o inténtalo de nuevo en { $minutes } minutos.
}
page-limit-confirms = { $minutes ->
    [one] Lo has intentado cinco veces en la última hora. Inténtalo de nuevo en 1 minuto.
   *[other] Lo has intentado cinco veces en la última hora. Inténtalo de nuevo en { $minutes } minutos.
}
page-limit-wrong-codes = { $hours ->
    [one] Has escrito diez códigos incorrectos en 24 horas. Inténtalo de nuevo en 1 hora.
   *[other] Has escrito diez códigos incorrectos en 24 horas. Inténtalo de nuevo en { $hours } horas.
}
page-maybe-sent = Algo ha fallado por nuestra parte y es posible que el código no se haya enviado. Mira en tu buzón. Si no ha llegado ningún correo, pulsa Reenviar en la página. Si el problema continúa, comunícalo con la referencia { $reference }.
page-maybe-sent-interrupted = La petición se interrumpió y es posible que el código no se haya enviado. Mira en tu buzón. Si no ha llegado ningún correo, pulsa Reenviar en la página.
page-maybe-changed = Algo ha fallado por nuestra parte y es posible que tu contraseña no se haya cambiado. Prueba a iniciar sesión con la nueva. Si no funciona, rellena la página otra vez. Si el problema continúa, comunícalo con la referencia { $reference }.
page-maybe-changed-interrupted = La petición se interrumpió y es posible que tu contraseña no se haya cambiado. Prueba a iniciar sesión con la nueva. Si no funciona, rellena la página otra vez.
page-failed = Algo ha fallado por nuestra parte. Inténtalo de nuevo. Si el problema continúa, comunícalo con la referencia { $reference }.
page-forms-only = El formulario no se ha recibido correctamente. Abre otra vez el enlace de Discord y rellena allí el formulario.
page-done-title = Tu contraseña se ha cambiado
page-done = Inicia sesión en BackOffice con la nueva contraseña.
page-done-out = Se han cerrado todas tus sesiones de BackOffice. Una ventana que siga abierta puede funcionar un rato más, hasta que caduque su sesión.
page-done-out-soon = Se están cerrando todas tus sesiones de BackOffice. Si falla, se vuelve a intentar durante una hora. Una ventana que siga abierta puede funcionar un rato más, hasta que caduque su sesión.
page-done-notice = Recibirás un aviso por correo.
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
requirement-no-space = Sin espacios ni caracteres invisibles

## Copia para el cliente (support-desk customer export)

copy-title = Lo que el soporte de Waizant guarda sobre ti
copy-made = Fecha: { $at }
copy-since = Te conocemos desde: { $at }
copy-reference = Referencia: { $reference }
copy-sessions = { $count ->
    [0] No se guarda ninguna sesión de soporte.
    [one] Se guarda 1 sesión de soporte.
   *[other] Se guardan { $count } sesiones de soporte.
}
copy-core-id = Tu cuenta en Waizant tiene el identificador { $id }.
copy-unverified = { $count ->
    [one] Se ha omitido 1 registro, porque se cambió fuera del soporte y puede ser de otra persona.
   *[other] Se han omitido { $count } registros, porque se cambiaron fuera del soporte y pueden ser de otra persona.
}
copy-account = Tu cuenta: { $status ->
    [active] activa
    [pending] registro sin terminar
    [suspended] suspendida
    [closed] cerrada
   *[other] estado desconocido
}
copy-account-since = Cuenta desde: { $at }
copy-account-language = Idioma de los correos que recibes: { $language ->
    [en] inglés
    [es] español
   *[other] { $language }
}
copy-choices = Ecosistemas o sucesiones para elegir: { $count }
copy-role = Tu rol: { $role ->
    [owner] propietario
    [member] miembro
   *[other] { $role }
}
copy-limits = Se cuenta para protegerte:
copy-limit-sends = Códigos que se te enviaron: { $count }, el último el { $at }.
copy-limit-wrong-codes = Códigos incorrectos introducidos como tuyos: { $count }, el último el { $at }.
copy-limit-wrong-in-a-row = Códigos incorrectos seguidos: { $count }, el último el { $at }.
copy-limit-other = { $kind }: { $count }, el último el { $at }.
copy-locked-out-until = Ningún agente puede verificarte hasta el { $at }.
copy-locked-out = Ningún agente puede verificarte hasta que el soporte te desbloquee.
copy-masked = Tu nombre y tu dirección solo se guardan enmascarados.
copy-details-days = Los nombres, direcciones, ecosistemas, números de ticket y motivos se guardan { $days } días desde el final del trimestre.
copy-details-ever = Los nombres, direcciones, ecosistemas, números de ticket y motivos se guardan hasta que se pide borrarlos.
copy-session-days = Las sesiones se guardan { $days } días desde que terminan.
copy-session-ever = Las sesiones se guardan sin límite de tiempo.
copy-removed = Las sesiones que terminaron antes se han eliminado. No se guarda cuántas eran.
copy-session = { $nth }. { $kind }, { $at } ({ $reference })
copy-technical = Asistencia Técnica
copy-successor = Ecosystem Admin
copy-agent = Te atendió: { $agent }
copy-an-agent = un agente de soporte
copy-you = Tú: { $name }, { $address }
copy-ticket = Número de ticket: { $ticket }
copy-ecosystem = Ecosistema: { $ecosystem }
copy-succession = Sucesión: { $succession }
copy-erased = (borrado)
copy-erased-details = Los nombres, direcciones, ecosistemas, números de ticket y motivos de esta sesión se han borrado. Ya nadie puede leerlos.
copy-others = Búsquedas sin una sesión propia:
copy-looked-up = Un agente de soporte te buscó.
copy-started = El agente empezó a atenderte.
copy-started-verify = El agente empezó a atenderte y solo podía verificar que eres tú.
copy-chosen = El agente eligió { $ecosystem }.
copy-changed = El agente volvió a la elección.
copy-code-sent = Se te envió un código por correo: { $to }.
copy-agent-code-sent = Se envió un código por correo al agente.
copy-code-not-sent = El código para ti no se pudo enviar.
copy-code-right = Se introdujo tu código: aceptaste que te atendieran.
copy-agent-code-right = El agente quedó verificado.
copy-code-wrong = Se introdujo un código incorrecto como tuyo.
copy-plan-shown = El agente vio tu plan.
copy-step-shown = El agente vio el paso { $nth } de la sucesión.
copy-access-opened = El agente recibió un enlace a { $target } con tu acceso.
copy-access-mailed = Se te envió por correo un enlace a la sucesión: { $to }.
copy-access-not-opened = El agente pidió un enlace de acceso y no lo recibió.
copy-reported = Respondiste a un correo: no habías pedido ayuda, o no estabas seguro.
copy-report-cleared = Respondiste a un correo: fuiste tú.
copy-visit-mailed = Un correo te dijo qué se abrió.
copy-closed-reported = el dueño de un buzón no había pedido el correo de la sesión o no estaba seguro.
copy-closed-by-lead = la terminó un supervisor.
copy-closed-taken-over = un supervisor tomó el relevo.
copy-revoked = Se terminó todo el acceso de la sesión.
copy-open = La sesión está abierta.
copy-closed = Terminó { $at }: { $why }
copy-reason = Motivo que escribió el agente, enmascarado: { $reason }
copy-details-until = Los nombres y detalles se guardan hasta el { $at }.
copy-session-until = La sesión se guarda hasta el { $at }.
copy-closed-finished = el agente la finalizó.
copy-closed-cancelled = el agente la canceló.
copy-closed-dismissed = el agente la cerró antes de atenderte.
copy-closed-idle = no pasó nada durante demasiado tiempo.
copy-closed-absolute = llegó a su duración máxima.
copy-closed-agent-locked-out = el agente introdujo demasiados códigos incorrectos.
copy-closed-customer-locked-out = se introdujeron demasiados códigos incorrectos como tuyos.
copy-closed-agent-ineligible = el agente ya no podía continuarla.
copy-closed-customer-inactive = tu cuenta ya no está activa.
copy-closed-role-changed = tu rol en el ecosistema cambió.
copy-closed-succession-over = la sucesión terminó o tiene otro sucesor.
copy-closed-proof-invalid = la verificación ya no era válida.
copy-closed-ended-by-operator = el operador la terminó por un motivo técnico.
copy-closed-other = se terminó por un motivo técnico.

## La página de denuncias

report-title = ¿Pidió usted ayuda?
report-title-agent = ¿Fue usted?
report-mail = { $mail ->
    [customer] El { $day } a las { $time } UTC se le envió un código para que nuestro soporte pudiera ayudarle.
    [agent] El { $day } a las { $time } UTC se le envió un código para que pudiera atender a un cliente.
    [linking] El { $day } a las { $time } UTC se le envió un código que vincula una cuenta de Discord con su cuenta de BackOffice.
    [notice] El { $day } a las { $time } UTC le avisamos de que su cuenta de BackOffice se vinculó o de que su contraseña cambió.
   *[visit] El { $day } a las { $time } UTC le avisamos de que nuestro soporte había abierto su cuenta para ayudarle.
}
report-day = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
report-me = Fui yo. Todo está bien.
report-not-me = Yo no pedí ayuda.
report-not-sure = Leí el código en voz alta y ya no estoy seguro.
report-not-me-agent = Yo no pedí esto.
report-not-sure-agent = Di el código y ya no estoy seguro.
report-send = Enviar
report-choose = Elija una de las respuestas.
report-cleared-title = Gracias
report-cleared = No cambia nada.
report-done-title = Gracias
report-done = { $mail ->
    [visit] Hemos avisado a nuestros supervisores. Si está preocupado, llámenos y dé la referencia { $reference }.
    [notice] Su cuenta está bloqueada en el soporte durante una hora. El vínculo o la nueva contraseña siguen existiendo: avise ahora a su responsable y dé la referencia { $reference }.
    [notice_unlocked] Hemos avisado a nuestros supervisores. El vínculo o la nueva contraseña siguen existiendo: avise ahora a su responsable y dé la referencia { $reference }.
   *[code] La petición está cerrada y el código ya no funciona. Si está preocupado, llámenos y dé la referencia { $reference }.
}
report-before-title = Anotado
report-before = Esto ya se anotó con la referencia { $reference }.
report-gone-title = Este enlace no funciona
report-gone = Este enlace no se conoce o es demasiado antiguo.
report-failed-title = No ha funcionado
report-failed = No se guardó nada. Llámenos, por favor. Si se lo pedimos, dé la referencia { $reference }.
report-forms-only-title = No ha funcionado
report-forms-only = El formulario no se recibió correctamente. Abra otra vez el enlace del correo.
report-busy-title = Demasiadas peticiones
report-busy = Espere un minuto y vuelva a cargar la página.

## La mesa de los responsables

desk-technical = Técnica
desk-successor = Sucesor
desk-stage-found = Buscado
desk-stage-choosing = Eligiendo el caso
desk-stage-proving-agent = Esperando el código del agente
desk-stage-announcing = Código del cliente aún sin enviar
desk-stage-proving-customer = Esperando el código del cliente
desk-stage-acting = { $links ->
    [0] Ambos verificados
    [one] Ambos verificados, 1 enlace
   *[other] Ambos verificados, { $links } enlaces
}
desk-close-word = { $why ->
    [finished] terminada
    [cancelled] cancelada
    [dismissed] descartada
    [idle] sin actividad
    [absolute] límite de 60 minutos
    [agent_locked_out] códigos incorrectos del agente
    [customer_locked_out] códigos incorrectos del cliente
    [agent_ineligible] el agente ya no puede continuar
    [customer_inactive] el cliente ya no está activo
    [role_changed] el rol del cliente cambió
    [succession_over] la sucesión terminó
    [proof_invalid] la verificación caducó
    [unreadable] no se pudo leer
    [tampered] modificada fuera del bot
    [ended_by_operator] cerrada por el operador
    [reported] denunciada
    [by_lead] por un responsable
    [taken_over] relevo de un responsable
   *[other] otro motivo
}
desk-target = { $target ->
    [store] Store
    [web] Web
    [app] App
   *[other] Sucesión
}
desk-case = { $role } de { $ecosystem }
desk-mark-wrong = { $count ->
    [one] 1 incorrecto
   *[other] { $count } incorrectos
}
desk-mark-bounced = 📭 devuelto
desk-mark-colleague = 👥 compañero
desk-mark-alert = ⚠ alerta
desk-ends = acaba { $at }
desk-closed-at = cerrada { $at }
desk-sessions-open = Sesiones abiertas · { $count }
desk-sessions-day = Sesiones de 24 horas · { $count }
desk-none = Ninguna sesión abierta.
desk-none-since = Ninguna sesión abierta. La última acabó { $at }.
desk-none-day = Ninguna sesión en las últimas 24 horas.
desk-none-of = { $agent } no tiene ninguna sesión abierta.
desk-none-of-day = { $agent } no tuvo ninguna sesión en las últimas 24 horas.
desk-look-at-session = Mirar una sesión
desk-button-refresh = Actualizar
desk-button-close = Cerrar esta sesión
desk-button-take-over = Tomar el relevo
desk-several-title = Varias sesiones
desk-several = Varias sesiones empiezan por ese id. Elige una.
desk-minutes = { $count } min
desk-hours = { $count } h
desk-session = Sesión { $session }
desk-card-agent = Agente { $agent }
desk-card-since = desde { $at }
desk-card-customer = Cliente { $customer }
desk-card-proven = Verificado
desk-card-unproven = Sin verificar
desk-card-agent-at = agente { $at }
desk-card-customer-at = cliente { $at }
desk-card-links = Enlaces: { $links }
desk-card-codes = Códigos: agente { $agent } · cliente { $customer }
desk-link = { $place } { $at } (acaba { $end })
desk-link-ended = { $place } { $at } (acabado)
desk-codes-mailed = { $count ->
    [one] 1 enviado
   *[other] { $count } enviados
}
desk-mail-delivered = entregado en { $seconds } s
desk-mail-late = ⏳ aún en camino
desk-mail-complained = marcado como correo no deseado
desk-closed-why = cerrada { $at }: { $why }
desk-closed-by = cerrada { $at } por { $lead }
desk-form-close = Cerrar la sesión { $session }
desk-form-close-label = Por qué (el agente no lo ve)
desk-close-done = La sesión { $session } está cerrada.
desk-close-revokes = La sesión { $session } está cerrada. Se están revocando sus enlaces de acceso.
desk-close-already = Ya estaba cerrada, desde las { $at }: { $why }.
desk-close-by-other = { $lead } la cerró hace un momento.
desk-take-over = La sesión se cierra y sus enlaces de acceso se revocan. Empiezas de nuevo con el mismo cliente, que tiene que leerte un código nuevo.
desk-agents = Agentes vinculados · { $count }
desk-agents-none = Ninguna cuenta de Discord está vinculada.
desk-look-at-agent = Mirar un agente
desk-agent-state = { $state ->
    [agent] agente
    [verify_only] solo verifica
    [lead] solo responsable
    [account_gone] cuenta eliminada
    [account_disabled] cuenta desactivada
    [address_unverified] dirección sin verificar
   *[other] en ningún grupo
}
desk-agent-locked-until = bloqueado hasta el { $at }
desk-agent-locked = bloqueado hasta que un responsable lo desbloquee
desk-agent-unlinked = { $agent } no está vinculado.
desk-agent-since = vinculado desde el { $since }
desk-agent-role = { $role ->
    [yes] Rol de Discord: sí
    [no] Rol de Discord: no
   *[left] ha dejado el servidor
}
desk-agent-open = { $count ->
    [0] Abiertas ahora: ninguna sesión
    [one] Abiertas ahora: 1 sesión ({ $ids })
   *[other] Abiertas ahora: { $count } sesiones ({ $ids })
}
desk-agent-signals = Señales, 30 días: { $signals }
desk-agent-no-signals = Señales, 30 días: ninguna
desk-agent-signal = { $kind } { $count } ({ $answers })
desk-agent-signal-answer = { $answer ->
    [false] { $count ->
        [one] falsa alarma
       *[other] { $count } falsas alarmas
    }
    [handled] { $count ->
        [one] atendida
       *[other] { $count } atendidas
    }
    [open] { $count ->
        [one] abierta
       *[other] { $count } abiertas
    }
   *[expired] { $count ->
        [one] cerrada por sí sola
       *[other] { $count } cerradas por sí solas
    }
}
desk-agent-days = 30 días: { $started } empezadas, { $verified } verificadas{ $verified_share }, { $abandoned } buscadas y no empezadas
desk-lockout-by = Bloqueado hasta el { $at }, por { $lead }
desk-lockout-why = Bloqueado hasta el { $at }, por { $lead }: «{ $reason }»
desk-lockout-report = Bloqueado hasta el { $at } tras una denuncia
desk-lockout-codes = No se acepta ningún código hasta el { $at }: demasiados incorrectos
desk-lockout-row = Bloqueado tras 20 códigos incorrectos seguidos, hasta que un responsable lo desbloquee
desk-act = { $act ->
    [close] Cerrar todas las sesiones
    [hour] Bloquear 1 hora
    [lock] Bloquear hasta desbloquear
    [unlock] Desbloquear
   *[unlink] Desvincular
}
desk-act-close = Cerrar todas las sesiones ({ $count })
desk-act-label = Por qué (se guarda en el registro)
desk-sessions-closed = { $count ->
    [0] No había ninguna sesión abierta.
    [one] Se cerró 1 sesión.
   *[other] Se cerraron { $count } sesiones.
}
desk-locked-out = { $agent } está bloqueado hasta el { $at }.
desk-unlocked = { $agent } está desbloqueado.
desk-unlinked = La cuenta de Discord de { $name } ya no está vinculada.
desk-notice-mailed = Se envió un aviso por correo.
desk-notice-pending = Aún no consta que el aviso se haya enviado. El bot lo intenta durante una hora.
desk-notice-not-mailed = El aviso no se pudo enviar.

## Estadísticas

percent = { $value } %
stats-title = { $period ->
    [today] Hoy
   *[other] Últimos { $period } días
}
stats-agent = Agente { $agent }
stats-none = Ninguna sesión en este tiempo.
stats-few = Un agente tiene cifras a partir de { $least } sesiones.
stats-zone = { $dates } · { $zone }
stats-outcomes = Empezadas: { $started } · verificadas: { $verified }{ $verified_share } · sin verificar: { $unverified } · bloqueadas o denunciadas: { $stopped } · con ticket: { $tickets }{ $tickets_share }
stats-pace = Del inicio a la verificación: la mitad en { $half } como máximo, nueve de cada diez en { $most }
stats-minutes = { $minutes } min { $seconds } s
stats-seconds = { $seconds } s
stats-codes = Códigos a clientes: { $count }
stats-fast = entregados en { $seconds } s: { $share }
stats-bounced = devueltos: { $count }
stats-links = Enlaces de acceso: { $links }
stats-reasons = Por qué terminaron: { $reasons }
stats-agents = Agentes (≥ { $least } sesiones):
stats-more = { $count } más
stats-alerts = Alertas: { $count }, atendidas { $handled }, falsas alarmas { $wrong }, abiertas { $waiting }
stats-alerts-false = falsas: { $count }
stats-alerts-open = abiertas: { $count }
stats-mostly-false = { $kind }: casi todo falsas alarmas en 30 días. Díselo a tu operador.
desk-button-file = Como archivo
stats-file = { $rows ->
    [one] Este archivo tiene la única sesión. Las horas son UTC.
   *[other] Este archivo tiene las { $shown } sesiones. Las horas son UTC.
}
stats-file-part = Estas son las { $shown } sesiones más recientes de { $total }. Las horas son UTC.
stats-file-about = { $rows ->
    [one] 1 sesión, como CSV
   *[other] { $shown } sesiones, como CSV
}
stats-file-column = { $column ->
    [start] inicio (UTC)
    [kind] tipo de soporte
    [scope] alcance
    [agent] agente
    [ticket] ticket
    [outcome] resultado
    [reason] motivo del cierre
    [seconds] segundos hasta verificar
    [links] enlaces
   *[other] cliente
}
stats-choose-period = Periodo
stats-over-time = Sesiones en el tiempo
chart-sessions = { $unit ->
    [hour] Sesiones por hora
    [week] Sesiones por semana
   *[day] Sesiones por día
}
chart-part = { $outcome ->
    [verified] Verificadas
    [stopped] Bloqueadas o denunciadas
   *[other] Sin verificar
}
chart-sessions-alt = { $title }, { $dates }: { $started } empezadas, { $verified } verificadas
chart-most = el máximo, { $when }: { $count }
chart-none = ninguna { $when }
chart-none-of = ninguna en { $unit ->
    [week] { $count } semanas
   *[day] { $count } días
}
chart-reasons = Por qué terminaron las sesiones
chart-others = otros motivos
date-day = { $day } de { $month }
date-full = { $day } de { $year }
date-range = { $first } al { $last }
date-short = { $day } { $month }
date-when = { $unit ->
    [hour] a las { $label }
    [week] en la semana del { $label }
   *[day] el { $label }
}
date-weekday = { $weekday ->
    [1] lun
    [2] mar
    [3] mié
    [4] jue
    [5] vie
    [6] sáb
   *[7] dom
} { $day }
date-month = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
date-month-short = { $month ->
    [1] ene
    [2] feb
    [3] mar
    [4] abr
    [5] may
    [6] jun
    [7] jul
    [8] ago
    [9] sep
    [10] oct
    [11] nov
   *[12] dic
}

## El lanzador

launcher-text = Support Desk · solo tú ves lo que se abre aquí
launcher-sessions = Mis sesiones
launcher-account = Mi cuenta
desk-launcher-posted = Publicado en { $channel }. Fíjalo y borra el anterior si lo hay.
desk-launcher-not-permitted = El bot no puede publicar en { $channel }. Necesita allí los permisos Ver canal y Enviar mensajes. Pídeselos a un administrador de este servidor y escribe el comando otra vez.

## Sesiones anteriores de un cliente

button-history = Historial
history-title = Historial · { $customer }
history-none = Ninguna sesión anterior en los últimos 12 meses.
history-verified = verificada
history-unverified = sin verificar
history-by-you = tuya
history-by-colleague = de un compañero
past-before = { $count ->
    [one] Ya estuvo aquí: 1 sesión en 12 meses, { $verified } verificadas; la última { $at }.
   *[other] Ya estuvo aquí: { $count } sesiones en 12 meses, { $verified } verificadas; la última { $at }.
}
past-reported = ⚠️ El cliente dijo { $at } que no había pedido ayuda. Pregunta dos veces.
past-attempts = { $count ->
    [3] ⚠️ Tercer intento de hoy, ninguno verificado.
    [4] ⚠️ Cuarto intento de hoy, ninguno verificado.
   *[other] ⚠️ Intento número { $count } de hoy, ninguno verificado.
}
past-bounced = ⚠️ El último correo a este cliente fue devuelto.

## Signals of the watch
signal-lookups-abandoned = En 60 minutos el agente buscó a { $total } clientes. A { $count } de ellos no los atendió.
signal-enumeration = En 60 minutos { $count } búsquedas del agente no encontraron a ningún cliente.
signal-agent-shopping = En 24 horas { $count } agentes buscaron a este cliente: { $agents }. Ninguno verificó al cliente.
signal-agent-shopping-wrong = { $wrong ->
    [one] Se escribió un código erróneo del cliente.
   *[other] Se escribieron { $wrong } códigos erróneos del cliente.
}
signal-agent-shopping-reported = El cliente ha denunciado una de estas sesiones.
signal-repeated-codes = En 24 horas el cliente recibió códigos en { $count } sesiones. Ninguna llegó a una verificación.
signal-slow-guessing = En 24 horas se escribieron { $count } códigos erróneos para { $purpose ->
    [agent_mfa] la **verificación interna**
    [customer_consent] la **verificación del cliente**
   *[agent_link] **vincular una cuenta**
} en { $sessions } sesiones.
signal-fast-code = En 7 días { $count } códigos de clientes se escribieron menos de 8 segundos después de su envío. Un cliente no puede dictar un código tan rápido.
signal-repeated-access = En 7 días el agente abrió acceso a este cliente en { $count } sesiones, { $today } de ellas en 24 horas.
signal-bulk-access = En 60 minutos el agente abrió acceso a { $customers } clientes.
signal-many-links = En esta sesión el agente abrió { $links } enlaces de acceso.
signal-colleague-access = El cliente verificado es un agente vinculado. Está permitido, pero ambos buzones son de la empresa.
signal-mail-delivery = En 30 minutos se enviaron { $codes } códigos a clientes. { $failed } de ellos volvieron o seguían sin entregarse al cabo de un minuto.
signal-mail-bounced = { $customers ->
    [0] No volvió ningún correo.
    [one] Volvieron los correos de un cliente.
   *[other] Volvieron los correos de { $customers } clientes.
}
signal-mail-holds-back = Mientras esta alerta está abierta, se retienen las señales «Un cliente, varios agentes» y «Un cliente, muchos códigos».

## La vista del registro para responsables

desk-button-trail = Registro
desk-button-agent = Agente
desk-button-older = Anteriores
desk-button-newer = Posteriores
desk-button-verify = Verificar esto
desk-button-days = { $days } días
desk-trail = Registro
desk-trail-session = sesión { $session }
desk-trail-ticket = ticket { $ticket }
desk-trail-days = { $days ->
    [one] últimas 24 horas
   *[other] últimos { $days } días
}
desk-trail-topic = { $topic ->
    [codes] códigos
    [links] enlaces de acceso
    [refusals] rechazos
    [leads] responsables
   *[other] alertas
}
desk-trail-events = { $count ->
    [one] 1 evento
   *[other] { $shown } eventos
}
desk-trail-many = más de { $shown } eventos
desk-trail-page = Página { $page } de { $pages } · horas en tu zona horaria
desk-trail-page-of-many = Página { $page } de muchas · horas en tu zona horaria
desk-trail-last-page = Las páginas acaban aquí, tras { $count } eventos. Para ver otros, filtra por sesión, agente, cliente o ticket, o elige `que`. El operador puede exportarlos todos.
desk-trail-none = { $days ->
    [one] Ningún evento así en las últimas 24 horas.
   *[other] Ningún evento así en los últimos { $days } días.
}
desk-trail-none-of-session = Ningún evento así en esta sesión.
desk-trail-erased = Cliente { $customer } (borrado)
desk-trail-actor = { $actor ->
    [clock] reloj
    [customer] cliente
    [agent] agente, por correo
    [operator] operador
    [watch] vigilancia
   *[other] { $actor }
}
desk-trail-code = { $purpose ->
    [customer_consent] código del cliente
    [agent_mfa] código del agente
    [agent_link] código para vincular la cuenta
   *[other] código
}
desk-trail-subject = { $subject ->
    [customer] el cliente
    [agent] el agente
   *[other] –
}
desk-trail-reason = { $what }: «{ $reason }»
desk-trail-what = { $kind ->
    [looked_up] { $found ->
        [yes] buscado, encontrado
        [no] buscado, no encontrado
       *[other] buscado
    }
    [started] iniciada
    [ecosystem_chosen] ecosistema elegido: { $ecosystem }
    [ecosystem_changed] volvió a la elección del ecosistema
    [code_asked] { $code }: pedido
    [code_sent] { $code }: enviado
    [code_not_sent] { $code }: no enviado: { $why }
    [code_delivered] { $code }: el servidor de correo lo aceptó a los { $seconds } s
    [code_late] { $code }: aún en camino tras un minuto
    [code_bounced] { $code }: el correo fue devuelto
    [code_complained] { $code }: correo marcado como no deseado
    [code_typed] { $code }: escrito
    [code_right] { $code }: correcto
    [code_wrong] { $code }: incorrecto
    [code_not_counted] { $code }: no contado: { $why }
    [plan_shown] plan mostrado: { $ecosystem }
    [step_shown] paso { $step } de la sucesión mostrado
    [access_asked] enlace de acceso pedido: { $place }
    [access_opened] enlace de acceso emitido: { $place }
    [access_mailed] enlace de acceso enviado por correo: { $place }
    [access_not_opened] enlace de acceso no emitido: { $why }
    [revoke_asked] revocación de los enlaces de acceso pedida
    [revoked] revocación de los enlaces de acceso: { $outcome }
    [refused] rechazado: { $why }
    [resumed] panel dibujado de nuevo
    [stayed] sigue
    [closed] cerrada: { $why }
    [reported] denunciado: no lo pidió
    [report_cleared] confirmado en la página: fui yo
    [locked_out] { $subject } bloqueado hasta { $until }
    [unlocked] { $subject } desbloqueado
    [unlinked] { $subject } desvinculado
    [key_rotated] clave del registro reemplazada
    [customer_erased] cliente borrado
    [customer_exported] copia de los datos de un cliente escrita
    [link_asked] vínculo de cuentas pedido
    [linked] cuentas vinculadas
    [recovery_asked] recuperación de contraseña pedida
    [password_typed] contraseña nueva enviada
    [password_changed] contraseña cambiada
    [password_not_changed] contraseña no cambiada: { $why }
    [signed_out] sesiones cerradas en todas partes: { $outcome }
    [notified] aviso { $template } por correo: { $outcome }
    [desk_read] leyó: { $view }
    [desk_file] se llevó un archivo: { $view }
    [alerted] responsables avisados: { $outcome }
    [taken_over] relevo tomado
    [launcher_posted] panel de inicio publicado
    [copy_asked] copia de los datos de un cliente pedida
    [erasure_asked] borrado de un cliente pedido
    [alert_opened] alerta abierta
    [alert_told] alerta publicada a los responsables
    [alert_handled] alerta atendida
    [alert_false] alerta marcada como falsa alarma
    [alert_reopened] alerta reabierta
   *[other] { $name }
}
desk-several-filters = Filtra solo por una cosa cada vez: sesión, agente, cliente o ticket.
desk-no-customer = No consta ninguna sesión con este cliente.
desk-no-session = Ninguna sesión de los últimos 365 días empieza por ese id. Escribe al menos sus seis primeros caracteres, o elige una de la lista.
desk-file = { $rows ->
    [0] No hay ningún evento en este archivo.
    [one] Este archivo tiene el único evento.
   *[other] Este archivo tiene los { $shown } eventos. Las horas son UTC.
}
desk-file-part = Estos son los { $shown } más recientes de { $total }. Las horas son UTC. El operador puede exportar los demás.
desk-file-about = { $rows ->
    [one] 1 evento del registro, en CSV
   *[other] { $shown } eventos del registro, en CSV
}
desk-file-column = { $column ->
    [time] hora (UTC)
    [actor] quién
    [session] sesión
    [customer] cliente
    [ticket] ticket
    [kind] tipo
   *[other] detalles
}
desk-verified-title = Cadena de la sesión { $session }
desk-verified = { $count ->
    [one] 1 evento, sin cambiar, quitar ni mover.
   *[other] { $count } eventos, ninguno cambiado, quitado ni movido.
}
desk-verified-at = Comprobado el { $at }. Lo que se mostró al agente tras la verificación está en la cadena del propio agente.
desk-findings = { $count ->
    [one] La cadena no se verifica: 1 hallazgo.
   *[other] La cadena no se verifica: { $count } hallazgos.
}
desk-finding = { $word ->
    [changed] El evento { $first } fue cambiado, movido o falsificado.
    [unverifiable] El evento { $first } no se puede verificar, porque el anterior fue cambiado.
    [key] El evento { $first } se firmó con una clave desconocida o reemplazada.
    [unplaced] No se puede leer el número de un evento.
    [removed] Faltan los eventos { $first } a { $last }.
    [cut_off] Faltan los eventos después del { $first }, hasta el { $last }.
    [replaced] El evento { $first } no es el que nombra un punto de control.
    [head] La fila de la sesión nombra otro último evento.
    [owner] La fila de la sesión nombra otro agente que sus eventos.
    [close] La fila de la sesión y sus eventos difieren sobre el cierre.
   *[other] Los eventos no encajan con sus puntos de control.
}
desk-findings-then = No uses esta sesión como prueba. Avisa al operador: `support-desk trail verify` lo comprueba todo.

## La ficha de un cliente

desk-customer = Cliente { $customer }
desk-customer-named = Cliente { $customer } · { $name }
desk-customer-none = No consta ninguna sesión con este cliente.
desk-customer-known = Conocido desde { $since }
desk-customer-sessions = { $count ->
    [one] 1 sesión en 12 meses
   *[other] { $count } sesiones en 12 meses
}
desk-customer-verified = { $count } verificadas
desk-customer-open = abiertas
desk-customer-wrong = código del cliente incorrecto { $count }×
desk-customer-not-started = no iniciada
desk-customer-closed-why = { $why }: «{ $reason }»
desk-customer-older = Anteriores
desk-customer-newer = Más recientes
desk-customer-act = { $act ->
    [unlock] Desbloquear
    [copy] Pedir una copia de los datos
   *[erasure] Pedir el borrado
}
desk-customer-unlocked = { $customer } ya no está bloqueado.
desk-report = Denuncia: el { $at } el cliente dijo { $choice ->
    [not_sure] «Leí el código en voz alta y ya no estoy seguro»
   *[other] «Yo no pedí ayuda»
} ({ $notes })
desk-report-quick = rápida, puede ser un escáner de correo
desk-report-handled = atendida por { $lead }
desk-report-false = falsa alarma, { $lead }
desk-report-open = sin atender

## Solicitudes de copia o borrado

request-reference = Referencia de la solicitud de la persona
request-made = { $act ->
    [copy] Se ha pedido una copia de los datos de { $customer }.
   *[erasure] Se ha pedido el borrado de { $customer }.
} Da este identificador al operador: { $request }. Vale 30 días.
request-asked = { $act ->
    [copy_asked] { $lead } pidió una copia de los datos de { $customer } ({ $request }).
   *[other] { $lead } pidió el borrado de { $customer } ({ $request }).
}
request-of-operator = { $act ->
    [copy_asked] Un operador escribió una copia de los datos de { $customer } ({ $request }).
   *[other] Un operador borró a { $customer } ({ $request }).
}
request-waits = La hace un operador.
request-expired = Ningún operador la hizo en 30 días, así que acabó. Pídela de nuevo si la persona aún la quiere.
request-done = Hecho, { $at }.
request-refused = Rechazado, { $at }: { $why ->
    [open] hay una sesión abierta
    [report] hay una denuncia abierta de este cliente
    [locked] el cliente está bloqueado
   *[other] el operador sabe por qué
}.
