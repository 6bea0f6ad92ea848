# All texts of the bot in English. es.ftl has the same messages and arguments.

## Refusals

refusal-not-an-agent = Only support agents can use this. Ask an administrator of this server for the agent role.
refusal-wrong-channel = This works only in { $channel }.
refusal-wrong-channels = This works only in { $support } and { $leads }.
refusal-not-a-lead = Only leads can use this. Ask an administrator of this server for the lead role.
refusal-no-leads = This bot has no leads yet: its settings name no lead role, or no group of leads. Contact the operator.
refusal-not-in-lead-group = Your BackOffice account is in no group of leads. Contact an administrator.
refusal-unknown-session = No session of the last 24 hours begins with this id. Type at least its first six characters, or choose one from the list.
refusal-not-linked = Your Discord account is not linked to a BackOffice account yet.
refusal-never-signed-in = You have not replaced the temporary password of your BackOffice account, so it cannot be recovered. Ask an administrator for a new temporary password.
refusal-not-recoverable = The state of your BackOffice account does not allow password recovery. Contact an administrator.
refusal-other-address = That is not the address of your linked BackOffice account. Check it with `/account show`. This attempt counts as one of three an hour.
refusal-recovery-not-set-up = Password recovery is not set up in this bot. Contact an administrator.
refusal-not-yours = This panel belongs to another agent.
refusal-unknown-button = This button is from another version of the bot. Open your panel again with `/support resume`.
refusal-outdated-command = The commands have changed. Restart Discord, then type it again.
refusal-session-gone = This session no longer exists. Start a new one with `/support technical` or `/support successor`.
refusal-already-done = That was already done. This is the current state.
refusal-closed = This session is closed ({ $at }): { $why }
refusal-closed-by-lead = Session closed ({ $at }) by a lead. Ask your lead.
refusal-nothing-open = You have no open session. Start one with `/support technical` or `/support successor`.
refusal-malformed-email = That is not a valid e-mail address. Use the form `name@company.com`.
refusal-several-emails = That text contains several addresses. Enter only one.
refusal-malformed-ticket = That is not a valid ticket number. Use up to 64 letters (A to Z), digits and the characters `- _ # / . :`, such as `ZD-1234`.
refusal-unknown-customer = No Waizant customer has the address { $email }. Check the spelling with the customer.
refusal-several-customers = Several Waizant customers have that e-mail address, so the bot cannot tell which one it is. Report it to an administrator.
refusal-own-address = That is your own address, and one mailbox cannot pass both verifications. Ask a colleague to help you.
refusal-attended = Another agent is helping this customer right now.
refusal-too-many-open = You already have three open sessions. Finish or cancel one of them, then press Start again. `/support resume` lists them.
refusal-no-links-left = This session has opened ten access links, its maximum. If the customer needs more, finish it and start again.
refusal-limit-lookups = You have reached the limit of customer look-ups. Try again { $at }.
refusal-limit-daily-lookups = You have reached the daily limit of customer look-ups. Try again { $at }.
refusal-limit-sends = 10 codes were mailed to this customer in 24 hours, the daily limit of a customer. You can send the next one { $at }.
refusal-limit-agent-sends = 60 codes were mailed to you in 24 hours, the daily limit of an agent. You can send the next one { $at }.
refusal-limit-wrong-codes = Too many wrong codes were entered in the last hour. Try again { $at }.
refusal-limit-links = You have requested an account link too often. Try again { $at }.
refusal-limit-files = You have taken five files in the last hour. Try again { $at }.
refusal-limit-recoveries = You have requested password recovery three times in the last hour. Try again { $at }.
refusal-locked-out = { $whose ->
    [customer] The customer's verification is locked because of too many wrong codes. Try again { $at }.
   *[own] Your own verification is locked because of too many wrong codes. Try again { $at }.
}
refusal-locked-until-unlocked = { $whose ->
    [customer] The customer's verification is locked because of 20 wrong codes in a row. Ask a lead or an operator to unlock it.
   *[own] Your own verification is locked because of 20 wrong codes in a row. Ask a lead or an operator to unlock it.
}
refusal-locked-after-report = { $whose ->
    [customer] The customer's verification is locked until { $at }, because the customer reported a request for help.
   *[own] Your own verification is locked until { $at }, because a mail was reported. Ask your lead.
}
refusal-own-account = You cannot do this to your own account. Ask another lead.
refusal-own-session = This is your own session.
refusal-not-started = The agent has not started to help this customer. Look the customer up yourself.
refusal-took-over = You have taken over from { $agent }. You and the customer have to be verified again.
refusal-locked-by-lead = { $whose ->
    [customer] A lead has locked the customer's verification until { $at }. Ask your lead.
   *[own] You are locked out until { $at }. Ask your lead.
}
refusal-malformed-code = A code has six digits. Check it and enter it again. No attempt was used.
refusal-wrong-code = { $left ->
    [one] That code is not correct. 1 attempt left.
   *[other] That code is not correct. { $left } attempts left.
}
refusal-expired-code = That code has expired. No attempt was used.
refusal-code-on-its-way = The code is still being sent. Wait a moment, then enter it again. No attempt was used.
refusal-type-again = The code check was interrupted. Enter the code again. No attempt was used.
refusal-too-early = A new code can be sent { $at }.
refusal-no-sends-left = All three codes of this verification were sent. Use the newest one, or cancel and start again.
refusal-no-such-mailbox = The mailbox of the newest code does not exist, so no other code is mailed there. Cancel, and start again once the address on file is correct.
refusal-undelivered = The message could not be delivered. Check the address on file, or try again later.
refusal-unopened = The access link could not be created. Try again later.
refusal-busy = The service is busy. Try again in a moment.
refusal-busy-until = The service is busy. Try again { $at }.
refusal-reason-too-short = The reason is too short. Write at least 10 characters.
refusal-reason-too-long = The reason is too long. Write at most 500 characters.
refusal-unknown-succession = That succession no longer belongs to this customer. Choose another.
refusal-other-kind = You are already helping this customer in { $kind }. Finish or cancel that session first. This is its panel.
refusal-unknown-ecosystem = That ecosystem no longer belongs to this customer. Choose another.
refusal-too-late = The session is about to end, so no new links can be opened. Finish it and start again if you need to.
refusal-already-linked = Your Discord account is already linked to { $email }. A lead can remove that link.
refusal-linked-meanwhile = The code is correct, but one of the two accounts was linked to another account in the meantime. A lead can remove that link.
refusal-failed = Something failed on our side. Try again. If the problem continues, report it with the reference `{ $reference }`.

## Why a link is not valid, and why an agent is not eligible

account-problem-gone = Your BackOffice account was deleted, so your link is no longer valid. Contact an administrator.
account-problem-disabled = Your BackOffice account is disabled, so your link is no longer valid. Contact an administrator.
account-problem-not-in-group = Your BackOffice account is not in a Customer Service group, so your link is no longer valid. Contact an administrator.
account-problem-unverified = The address of your BackOffice account is not verified, so your link is no longer valid. Contact an administrator.
not-eligible-role = You no longer have the agent role. Ask an administrator of this server for it.
not-eligible-link = Your Discord account is no longer linked to the BackOffice account that this session was opened with.
not-eligible-verify-only = Your group only allows you to verify customers now. Start again to verify this one.
not-eligible-locked-out = You are locked out until { $at }. Ask your lead.
not-eligible-locked-until-unlocked = You are locked out until a lead unlocks you. Ask your lead.

## Reasons of a closed session

close-reason-finished = it was finished.
close-reason-cancelled = it was cancelled.
close-reason-dismissed = it was dismissed.
close-reason-idle = there was no activity for 15 minutes, so the request is lost.
close-reason-absolute = it reached its limit of 60 minutes.
close-reason-agent-locked-out = the agent's code was wrong too many times.
close-reason-customer-locked-out = the customer's code was wrong too many times.
close-reason-agent-ineligible = the agent may no longer continue it.
close-reason-customer-inactive = the customer is no longer active in Waizant.
close-reason-role-changed = the customer's role in the ecosystem has changed.
close-reason-succession-over = the succession has ended or has another successor.
close-reason-proof-invalid = the verification has expired. Start again.
close-reason-replaced = a newer link replaced it.
close-reason-unreadable = the bot could not read it. Start again.
close-reason-tampered = its record was changed outside the bot. Start again.
close-reason-ended-by-operator = the operator ended it. Start again.
close-reason-nameless = the BackOffice account has no name, which the mails to customers need. Ask an administrator to add it, then link the account again.
close-reason-by-lead = a lead closed it.
close-reason-taken-over = a lead has taken it over.
close-reason-reset-locked-out = the password reset code was wrong too many times.
close-reason-reported = the owner of a mailbox did not ask for its mail. Ask your lead.

## Technical Assistance

technical-title = Technical Assistance
footer = { $kind } · Session { $session } · Panel gone? /support resume
footer-closed = { $kind } · Session { $session }
status-active = ✅ Active since { $since }
status-pending = ⏳ Pending since { $since }
status-suspended = ⛔ Suspended (customer since { $since })
status-closed = ⛔ Closed (customer since { $since })
status-unknown = ❔ Unknown state (customer since { $since })
date-unknown = an unknown date
role-owner = owner
role-member = member
role-successor = successor
found-ecosystems = { $count ->
    [one] 1 ecosystem
   *[other] { $count } ecosystems
}
found-successions = { $count ->
    [one] 1 succession
   *[other] { $count } successions
}

found-ready = Ask whether they want help now.
found-pending = This customer has not finished signing up, so they cannot be verified yet. Ask them to complete their registration.
found-suspended = This customer is suspended. Only the Waizant team that suspended the account can help.
found-closed = This customer has closed their account. It can no longer be supported.
found-unknown = This bot does not know the state of this customer, so they cannot be verified. Report it to an administrator.
found-no-ecosystem = This customer does not belong to any ecosystem, so there is nothing to support.
found-no-succession = This customer is not the successor in any succession. For their own ecosystems, use `/support technical`.
found-attended-by = { $agent } is helping this customer right now.
found-attended = Another agent is helping this customer right now.
choose-title = 1 of 4 · The ecosystem

choose-text = Choose the ecosystem that the customer needs help with.
page-of = Page { $page } of { $pages }.
choose-placeholder = Choose an ecosystem
choose-unread = The list could not be loaded. Try `/support resume`.
choose-succession-title = 1 of 4 · The succession
choose-succession-text = Choose the ecosystem whose successor needs help.
choose-succession-placeholder = Choose a succession
agent-title = 2 of 4 · Your own code

agent-sent = Enter the code that was mailed to **you** at { $to }, good until { $until }.
agent-none = You have no valid code. Press Resend for one.
agent-expired = The code that was mailed to you has expired. Press Resend for a new one.
customer-title = 3 of 4 · The customer's code
customer-announce = Say: “I am mailing you a code from Waizant. It names me and { $ecosystem }. If that is right, please read it out to me.”
customer-goes-to = goes to { $to }
verify-only-technical = This session verifies the customer and shows the plan, but opens no access link.
verify-only-successor = This session verifies the successor and shows the steps, but makes no QR code.
customer-sent = Ask the customer to read out the code that was mailed to { $to }, good until { $until }.
customer-expired = The customer's code has expired. Press Resend for a new one.
code-taken-at = The mail server took it at { $at }.
code-taken = The mail server took it.
code-late-customer = ⏳ Still on its way after a minute. Ask them to look into spam.
code-late-own = ⏳ Still on its way after a minute. Look into your spam folder.
code-next-now = A new code can be sent now.
code-bounced-customer = 📭 The mailbox { $to } does not take the code ({ $why }). Do not take another address from the caller: an address is changed through Waizant's own process only.
code-bounced-own = 📭 Your mailbox { $to } does not take the code ({ $why }). Contact an administrator.
bounce-no-such-mailbox = no such mailbox
bounce-mailbox-full = mailbox full
bounce-blocked = blocked
bounce-other = reason unknown
code-resend-at = A code can be mailed again { $at }.
code-last = This is the last code of this session.
code-expired-last = No code of this session is valid, and no more can be mailed. Cancel and start again.

acting-text = Choose what to open for the customer.
acting-verify-only = You can talk about this account. To open Waizant for the customer, a full agent has to start again with a new code.
acting-title = 4 of 4 · { $customer }
succeeding-title = 4 of 4 · { $customer } takes over { $ecosystem }
acting-identity = { $email } · { $role } of { $ecosystem }
acting-verified = verified until { $until } at the latest
plan-title = Plan · { $ecosystem }

plan-renews = renews on { $at }
plan-includes = It includes:
plan-renews-never = does not renew
plan-ends = ends on { $at }
plan-nothing = No features are listed.
plan-month = { $price } a month
plan-year = { $price } a year
plan-price-unknown = Price unknown
plan-status-active = Active
plan-status-trial = On trial
plan-status-past-due = Payment overdue
plan-status-cancelled = Cancelled
plan-status-unknown = Unknown
plan-gone = The plan could not be loaded. Try again later.
ready-store = 🔗 Store is ready until { $until } ({ $left })
ready-web = 🔗 Web is ready until { $until } ({ $left })
ready-app = 📱 App: scan the QR code until { $until } ({ $left })
ready-successor = 📱 Ask the successor to scan the QR code until { $until } ({ $left })
qr-app-alt = QR code that opens Waizant App
qr-successor-alt = QR code that gives the successor access

open-store = Open Waizant Store
open-web = Open Waizant Web
open-app = Open Waizant App
open-succession = Open the succession
progress-agent-code = ⏳ Mailing the code to you…
progress-customer-code = ⏳ Mailing the code to the customer…
progress-check = ⏳ Checking the code…
progress-link = ⏳ Opening { $place }…
progress-qr = ⏳ Making the QR code…
progress-mail = ⏳ Mailing the QR code…

warning-idle = ⏳ There is no recent activity. This session closes { $at }.
warning-customer = ⏳ The customer has not answered. This session closes { $at }.
warning-absolute = ⏳ This session reaches its limit of 60 minutes { $at }. It cannot be extended.
stripped-text = This session closes at { $at } ({ $left }) because there is no activity. Press Resume to continue. After that time the request is lost.
stripped-customer = The customer has not answered, so this session closes at { $at } ({ $left }). Until then, press Resume to see its panel.
stripped-absolute = This session ends at { $at } ({ $left }) and cannot be extended. Until then, press Resume to see its panel.
closed-title = Session closed
closed-taken-over = Session closed ({ $at }): { $lead } has taken over.
done-title = ✅ Done
done-title-named = ✅ Done with { $customer }
done-text = This session was finished at { $at }.
done-links = Links and QR codes of this session no longer work.

button-start = Start verification process
button-start-named = Start verification for { $ecosystem }
button-close = Close
button-previous = Previous page
button-next = Next page
button-enter-code = Enter code
button-resend = Resend
button-send = Send code
button-change = Change ecosystem
button-cancel = Cancel
button-try-again = Try again
button-try-address = Try another address
button-help-another = Help another customer
button-link-account = Link my account
button-store = Waizant Store
button-web = Waizant Web
button-app = Waizant App
button-plan = See plan details
button-back = Back
button-finish = Finish
button-stay = Stay
button-resume = Resume

form-agent-code = Internal verification
form-customer-code = Customer verification
form-link-code = Link your BackOffice account
form-code-label = The six digits of the code
form-code-label-to = Code mailed to { $to }
form-code-placeholder = 123456
form-cancel = Submit ends this session
try-again-title = Why is it being cancelled?
form-cancel-label = Why is it being cancelled?
form-cancel-placeholder = Between 10 and 500 characters
form-customer-address = The customer's e-mail address
form-successor-address = The successor's e-mail address
form-own-address = The address of your BackOffice account
form-address-placeholder = name@company.com
form-ticket = Ticket (optional)
form-ticket-placeholder = ZD-1234

## Ecosystem Admin

successor-title = Ecosystem Admin
succession-mailed = 📨 A QR code was mailed to the successor at { $to }. It works once and expires { $until }.
succession-rejected = ❌ **Step { $number }, { $title }**, was rejected:
succession-rejected-on = ❌ **Step { $number }, { $title }**, was rejected on { $at }:
succession-verify-only = Verified until { $until } at the latest. You can talk about this succession. To give the successor access, a full agent has to start again with a new code.
succession-no-steps = The steps of this succession could not be loaded. Try again later.
succession-step = Step { $number } of { $all }: { $title }
succession-untitled = Untitled
succession-reasons = **Reasons**
succession-rejected-next = **What to do next:** tell the successor the reasons. The QR code opens the succession, where the step can be corrected.
succession-rejected-verify-only = **What to do next:** tell the successor the reasons. With a full agent they can correct it.
succession-current-next = This step is in progress.
succession-waiting-next = This step starts when the previous steps are done.
step-done = Done
step-current = In progress
step-waiting = Waiting
step-rejected = Rejected
step-unknown = Unknown
steps-placeholder = See details
button-change-succession = Change succession
button-previous-step = Previous step
button-next-step = Next step
button-send-qr = Send QR
button-show-qr = Show QR

## Resume

pick-title = Open sessions
pick-text = Choose the session whose panel you want to open.
pick-placeholder = Choose a session
pick-label = { $customer } · { $session }
pick-description = { $kind } · opened at { $at } UTC · { $stage }
moved-text = This panel has moved to a newer message.
minimal-title = Panel without details
minimal-text = Discord did not accept the full panel, so only its buttons are shown. Report it to an administrator.
minimal-last = Discord did not accept the panel. This button leaves the session. Report it to an administrator.
minimal-note-title = Message without details
minimal-note = Discord did not accept the full message. Report it to an administrator.
stage-found = looked up
stage-choosing = choosing the ecosystem
stage-choosing-succession = choosing the succession
stage-proving-agent = internal verification
stage-announcing = customer's code not sent yet
stage-proving-customer = customer verification
stage-acting = verified

## Linking

link-title = The code from your mail
link-road = Link your BackOffice account
link-asked = If { $to } is the address of a BackOffice account that can give support, a code is on its way to it. Enter it before { $until }.
link-expired = If a code was sent, it has expired. Press Resend for a new one.
link-expired-last = If a code was sent, it has expired, and this was the last one. Close and start again.
link-done-title = ✅ Your account is linked
link-done = Your Discord account is linked to the BackOffice account of **{ $name }**. A notice was mailed to its address.

## Linked account

show-title = Your BackOffice account
show-counts = Your link is valid: you can help customers.
show-verifies = Your link is valid, **verify only**: you can verify customers, but open no access links.
show-leads = Your link is valid: you are a lead and can use `/desk`.
show-closing = Your open sessions are being closed.
show-since = Linked since { $since }
show-groups = **Groups**
show-group-counts = { $group } (allows support)
show-group-verifies = { $group } (verify only)
show-group-leads = { $group } (lead)
show-no-groups = **Groups:** none
show-more-groups = … and { $count } more
show-sessions = { $count ->
    [0] **Open sessions:** none
    [one] **1 open session**
   *[other] **{ $count } open sessions**
}
show-session = { $session } · { $kind } · { $customer } · { $stage } · closes { $at }
show-more-sessions = { $count ->
    [one] One more session is open. `/support resume` lists them.
   *[other] { $count } more sessions are open. `/support resume` lists them.
}

## Recovering the password

recover-title = Choose a new password
recover-road = BackOffice password
recover-sent = Press Open the page and enter the code that was mailed to { $to }. If you received several mails, use the newest.
recover-resent = Press Open the page and enter the new code that was mailed to { $to }. Use the newest mail.
recover-page = The page works until { $until } ({ $left }) and for one change. Do not share the link.
recover-no-address = The address of the page can no longer be shown. Request a new link with `/account recover`.
recover-never-here = Never enter a password in Discord.
recover-link-dead = The link no longer works.
button-open-page = Open the page

## Leads

alert-level = { $level ->
    [urgent] Urgent
    [warning] Warning
   *[notice] Notice
}
alert-kind = { $kind ->
    [reported] The customer says: not me
    [reported_agent] The agent's mailbox says: not me
    [reported_twice] Several customers say: not me
    [locked] Five wrong codes
    [locked_consecutive] Locked out after 20 wrong codes in a row
    [lookup_limit] Limit of look-ups reached
    [reset_codes] Wrong password reset codes
    [revoke_stuck] Access links are not revoked
    [trail_broken] The audit trail does not verify
    [eligibility_lost] An agent is no longer eligible
    [lead_acted] A lead acted
    [lookups_abandoned] Customers looked up and not helped
    [enumeration] Look-ups that find no customer
    [agent_shopping] One customer, several agents
    [repeated_codes] One customer, many codes
    [slow_guessing] Wrong codes over several sessions
    [fast_code] Codes typed very fast
    [repeated_access] One agent, one customer, again and again
    [bulk_access] Access to many customers
    [colleague_access] The customer is a colleague
    [mail_delivery] Codes do not arrive
   *[collected] More alerts
}
alert-state = { $state ->
    [handled] handled
    [false] false alarm
   *[expired] closed by itself
}
alert-person = { $role ->
    [lead] Lead { $person }
   *[agent] Agent { $person }
}
alert-customer = customer { $customer }
alert-session = session { $session }
alert-report = report { $reference }
alert-count = { $count }×, last { $last }
alert-collected = { $count } more since { $since }: `/desk alerts`
alert-reminder = { $alert } is still open, after { $minutes } min.
alert-outcome = { $outcome ->
    [handled] ✅ Handled by { $lead }, { $at } · after { $minutes } min
   *[false] ❎ False alarm, says { $lead }, { $at } · after { $minutes } min
}
alert-expired = Closed by itself after 7 days.
alert-button-handled = Handled
alert-button-false = False alarm
alert-button-show = Show
alert-button-reopen = Open again
alert-locked = { $purpose ->
    [agent_mfa] Too many wrong codes for the **internal verification**. The session is closed.
    [customer_consent] Too many wrong codes for the **customer verification**. The session is closed.
   *[agent_link] Too many wrong codes while **linking an account**. The session is closed.
}
alert-locked-reset = Too many wrong **password reset codes**. The link of the recovery page is closed.
alert-wrong-reset-codes = An agent has typed { $count } wrong **password reset codes** within 24 hours.
alert-locked-agent-until-unlocked = They were 20 in a row: no code of this agent is accepted until a lead presses **Unlock**.
alert-locked-customer-until-unlocked = They were 20 in a row: no code of this customer is accepted until a lead unlocks the customer on the card of `/desk customer`.
alert-locked-for-a-day = They were 20 in a row: no code is accepted for 24 hours.
alert-lookups = { $window ->
    [day] An agent has looked up 120 addresses **within 24 hours**.
   *[hour] An agent has looked up 30 addresses **within an hour**.
}
alert-revoke-stuck = The access links of a closed session are not revoked after 10 minutes. The bot keeps trying. Tell the operator.
alert-trail = { $what ->
    [checkpoint] A checkpoint of the audit trail does not verify.
    [session] The row of a session was changed outside the bot. The session is closed.
    [account_link] The row of an account link was changed outside the bot. It no longer counts.
    [old_checkpoint] The audit trail has grown, and its newest checkpoint is more than 10 minutes old.
   *[trail] { $findings ->
        [one] The verification of the audit trail has one finding.
       *[other] The verification of the audit trail has { $findings } findings.
    }
 } Somebody may have changed the database. Tell the operator now: the log names each finding, and `support-desk trail verify` shows them again.
alert-eligibility-lost = { $why ->
    [role] An agent lost the role while a session was open. It is closed.
    [link] An agent lost the account link while a session was open. It is closed.
   *[other] The account of an agent can no longer be used. An open session is closed.
}
alert-lead-acted = { $act ->
    [unlinked] A lead removed the account link of { $target }.
    [locked_out] A lead locked { $target } out.
    [unlocked] A lead unlocked { $target }.
    [trail_file] A lead took a file of the audit trail.
   *[statistics_file] A lead took a file of the statistics.
}
alert-reported = { $whose ->
    [customer] The customer answered the mail of { $at }: { $choice ->
        [not_me] **“I did not ask for help.”**
       *[not_sure] **“I read the code out and am not sure any more.”**
    }
    [linking] The owner of the mailbox answered the code of { $at } that links an account: { $choice ->
        [not_me] **“I did not ask for this.”**
       *[not_sure] **“I passed the code on and am not sure any more.”**
    } The Discord account may be in other hands.
    [notice] The owner of the mailbox answered the notice of { $at }: { $choice ->
        [not_me] **“I did not ask for this.”**
       *[not_sure] **“I passed the code on and am not sure any more.”**
    } The Discord account may be in other hands.
   *[agent] The owner of the agent's mailbox answered the code of { $at }: { $choice ->
        [not_me] **“I did not ask for this.”**
       *[not_sure] **“I passed the code on and am not sure any more.”**
    } The Discord account may be in other hands.
}
alert-reported-closed = The session is closed.
alert-reported-closed-revokes = The session is closed, and its access links are being revoked.
alert-reported-closed-before = The session was closed before. Its access links are being revoked again.
alert-reported-nothing-opened = The session was closed before, and no access link was opened.
alert-reported-until = { $whose ->
    [customer] This customer cannot be verified until { $until }.
    [linking] This Discord account is locked out until { $until }.
   *[agent] This agent is locked out until { $until }.
}
alert-reported-quick = The answer came within 10 seconds of the mail, so it may be a mail scanner. Nobody is locked out.
alert-reporters = { $count } customers have reported sessions of one agent **within 24 hours**. The agent is locked out until { $until }.
alert-opened = Opened before: { $opened }.
alerts-open = Open alerts · { $count }
alerts-week = Alerts of 7 days · { $count }
alerts-none = No open alert.
alerts-none-since = No open alert. The last one was answered { $at }.
alerts-none-week = No alert in the last 7 days.
alerts-look-at = Look at an alert
refusal-unknown-alert = No alert has this reference. It may be older than the audit trail is kept.
refusal-alert-about-you = This is about you. Another lead has to look at it.
refusal-alert-handled = { $lead } marked it as handled a moment ago.
refusal-alert-false = { $lead } marked it as a false alarm a moment ago.
refusal-alert-repeated = It happened again a moment ago. Look at the card and press again.
refusal-too-late-to-reopen = It was answered more than 24 hours ago and stays closed.

## Slash commands

command-support = support
command-support-about = Help a customer
command-technical = technical
command-technical-about = Technical Assistance: verify a customer and help them
command-technical-email = email
command-technical-email-about = The customer's e-mail address
command-technical-ticket = ticket
command-technical-ticket-about = The number in your ticket system, such as ZD-1234
command-successor = successor
command-successor-about = Ecosystem Admin: verify a successor and help them
command-successor-email = email
command-successor-email-about = The successor's e-mail address
command-successor-ticket = ticket
command-successor-ticket-about = The number in your ticket system, such as ZD-1234
command-resume = resume
command-resume-about = Show the panel of an open session again
command-account = account
command-account-about = Your BackOffice account
command-link = link
command-link-about = Link your Discord account to your BackOffice account
command-link-email = email
command-link-email-about = The registered address of your BackOffice account
command-show = show
command-show-about = Show your linked account, its status and your open sessions
command-recover = recover
command-recover-about = Recover the password of your BackOffice account
command-recover-email = email
command-recover-email-about = The registered address of your BackOffice account
command-desk = desk
command-desk-about = For leads: sessions and agents
command-sessions = sessions
command-sessions-about = List open sessions, or those of the last 24 hours
command-sessions-agent = agent
command-sessions-agent-about = Only sessions of this agent
command-sessions-show = show
command-sessions-show-about = Open sessions, or all of the last 24 hours
command-sessions-show-open = open
command-sessions-show-day = last 24 h
command-close = close
command-close-about = Close a session at once and revoke its access links
command-close-session = session
command-close-session-about = Choose one, or type six characters of its id, the agent or the ticket
command-close-reason = reason
command-close-reason-about = Why, in 10 to 500 characters; the agent does not see it
command-stats = stats
command-stats-about = Count the sessions of some days, with a chart
command-stats-period = period
command-stats-period-about = Days up to today; without it, 7 days
command-stats-period-today = today
command-stats-period-week = 7 days
command-stats-period-month = 30 days
command-stats-period-quarter = 90 days
command-stats-agent = agent
command-stats-agent-about = Only sessions of this agent
command-agent = agent
command-agent-about = Look at an agent, or list the linked ones
command-agent-agent = agent
command-agent-agent-about = The agent to look at; without one, all linked agents
command-unlink = unlink
command-unlink-about = Remove the link of an agent's account at once and close their sessions
command-unlink-agent = agent
command-unlink-agent-about = The agent whose Discord account is no longer linked
command-unlink-reason = reason
command-unlink-reason-about = Why, in 10 to 500 characters; it is kept in the audit trail
command-launcher = launcher
command-launcher-about = Post the buttons that agents start with in the support channel
command-alerts = alerts
command-alerts-about = List the alerts for the leads, or find one
command-alerts-show = show
command-alerts-show-about = Open alerts, or all of the last 7 days
command-alerts-show-open = open
command-alerts-show-week = last 7 days
command-alerts-find = find
command-alerts-find-about = The reference of an alert (A-…), or of a report that a customer reads out (R-…)
command-trail = trail
command-trail-about = Read the audit trail: of a session, an agent, a customer or a ticket, or all of it
command-trail-session = session
command-trail-session-about = Choose one, or type six characters of its id, the agent or the ticket
command-trail-agent = agent
command-trail-agent-about = What this agent or lead has done
command-trail-customer = customer
command-trail-customer-about = The customer's e-mail address; it counts as a look-up
command-trail-ticket = ticket
command-trail-ticket-about = The number in your ticket system
command-trail-what = what
command-trail-what-about = The kinds of events; without it, all
command-trail-what-all = all
command-trail-what-codes = codes
command-trail-what-links = access links
command-trail-what-refusals = refusals
command-trail-what-leads = leads
command-trail-what-alerts = alerts
command-trail-days = days
command-trail-days-about = How far back; without it, seven days
command-trail-days-1 = 1 day
command-trail-days-7 = 7 days
command-trail-days-30 = 30 days
command-trail-days-90 = 90 days
command-trail-days-365 = 365 days
command-customer = customer
command-customer-about = Look at a customer: earlier sessions, reports, lockout
command-customer-email = email
command-customer-email-about = The customer's registered address; it counts as a look-up

## The recovery page

page-title = New password
page-sent = A code was mailed to { $to }. It is valid for an hour after it was sent. If you received several mails, use the newest.
page-until = { $minutes ->
    [one] This page works for 1 more minute and for one change.
   *[other] This page works for { $minutes } more minutes and for one change.
}
page-username = Your BackOffice account
page-code = Write your password reset code
page-code-hint = Six digits
page-password = New Password
page-again = Confirm New Password
page-policy = Requirements for the new password:
page-history = { $count ->
    [one] Different from your current password
   *[other] Different from your last { $count } passwords
}
page-not-guessable = Not easy to guess: no common password, no Waizant names, not your name or address
page-met = met
page-not-met = not met yet
page-progress = { $met } of { $all } requirements met
page-match = Both passwords match.
page-no-match = The passwords do not match yet.
page-show = Show
page-hide = Hide
page-show-about = Show both passwords
page-hide-about = Hide both passwords
page-save = Save the new password
page-saving = Saving…
page-no-mail = No code in your mail?
page-resend = Resend
page-sending = Sending…
page-resend-wait = A new code can be sent in { $time }.
page-resend-never = No more codes can be sent from this page. Use the newest mail, or request a new link in Discord later.
page-resent = A new code was mailed to { $to }. Use the newest mail.
page-error = Error
page-problem = That did not work
page-malformed-code = A code has six digits. Check it and correct it.
page-unmet = Not met yet: { $unmet }.
page-guessable = That password is easy to guess. Avoid common passwords, the names of Waizant and its products, and your own name and address.
page-mismatch = The two passwords do not match. Enter both again.
page-wrong-code = That code is not correct. Use the one in the newest mail.
page-expired-code = That code is not valid or has expired. Request a new one here, or with a new link from Discord.
page-weak = That password does not meet the requirements below. Choose another.
page-reused = That is one of your recent passwords. Choose one that you have not used.
page-too-many = There were too many attempts for this account. Wait up to an hour, then try again.
page-overloaded = There are too many requests right now. Wait a minute, then try again.
page-not-recoverable = The password of this account cannot be recovered here. Contact an administrator.
page-undelivered = The mail could not be delivered. Try again later, or contact an administrator.
page-too-early = { $seconds ->
    [one] A new code can be sent in 1 second.
   *[other] A new code can be sent in { $seconds } seconds.
}
page-limit-requests = { $minutes ->
    [one] You have requested three codes in the last hour. Use the newest mail, or try again in 1 minute.
   *[other] You have requested three codes in the last hour. Use the newest mail, or try again in { $minutes } minutes.
}
page-limit-confirms = { $minutes ->
    [one] You have tried five times in the last hour. Try again in 1 minute.
   *[other] You have tried five times in the last hour. Try again in { $minutes } minutes.
}
page-limit-wrong-codes = { $hours ->
    [one] You have entered ten wrong codes in 24 hours. Try again in 1 hour.
   *[other] You have entered ten wrong codes in 24 hours. Try again in { $hours } hours.
}
page-maybe-sent = Something failed on our side, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page. If the problem continues, report it with the reference { $reference }.
page-maybe-sent-interrupted = The request was interrupted, and the code may not have been mailed. Check your mailbox. If no mail has arrived, press Resend on the page.
page-maybe-changed = Something failed on our side, and your password may not have been changed. Try to sign in with the new one. If that does not work, fill in the page again. If the problem continues, report it with the reference { $reference }.
page-maybe-changed-interrupted = The request was interrupted, and your password may not have been changed. Try to sign in with the new one. If that does not work, fill in the page again.
page-failed = Something failed on our side. Try again. If the problem continues, report it with the reference { $reference }.
page-forms-only = The form was not received correctly. Open the link in Discord again and fill in the form there.
page-done-title = Your password was changed
page-done = Sign in to BackOffice with the new password.
page-done-out = You were signed out of BackOffice everywhere. A window that is still open may keep working until its sign-in expires.
page-done-out-soon = You are being signed out of BackOffice everywhere. If that fails, it is retried for an hour. A window that is still open may keep working until its sign-in expires.
page-done-notice = You will receive a notice by mail.
page-done-not-you = If you did not change the password yourself, contact an administrator at once.
page-done-close = You can close this page.
page-gone-title = This link does not work
page-gone = It is older than an hour, was closed, was replaced by a newer one, or was not copied completely. Request a new one in Discord with /account recover.
page-busy-title = Too many requests
page-busy = Wait a minute, then load the page again.

requirement-at-least = { $least ->
    [one] At least 1 character
   *[other] At least { $least } characters
}
requirement-at-most = At most { $most } characters
requirement-lowercase = A lower-case letter (a–z)
requirement-uppercase = An upper-case letter (A–Z)
requirement-number = A number (0–9)
requirement-symbol = A special character (for example ! @ # $ % & *)
requirement-no-space = No spaces or invisible characters

## Copy for the customer (support-desk customer export)

copy-title = What the support desk of Waizant has stored about you
copy-made = Made: { $at }
copy-since = Known since: { $at }
copy-reference = Reference: { $reference }
copy-sessions = { $count ->
    [0] No support session is stored.
    [one] 1 support session is stored.
   *[other] { $count } support sessions are stored.
}
copy-core-id = Your account at Waizant has the id { $id }.
copy-unverified = { $count ->
    [one] 1 record was left out, because it was changed outside the support desk and can be about another person.
   *[other] { $count } records were left out, because they were changed outside the support desk and can be about another person.
}
copy-account = Your account: { $status ->
    [active] active
    [pending] sign-up not finished
    [suspended] suspended
    [closed] closed
   *[other] unknown state
}
copy-account-since = Account since: { $at }
copy-account-language = Language of mails to you: { $language ->
    [en] English
    [es] Spanish
   *[other] { $language }
}
copy-choices = Ecosystems or successions to choose from: { $count }
copy-role = Your role: { $role ->
    [owner] owner
    [member] member
   *[other] { $role }
}
copy-limits = Counted for your protection:
copy-limit-sends = Codes mailed to you: { $count }, the last one { $at }.
copy-limit-wrong-codes = Wrong codes entered as yours: { $count }, the last one { $at }.
copy-limit-wrong-in-a-row = Wrong codes in a row: { $count }, the last one { $at }.
copy-limit-other = { $kind }: { $count }, the last one { $at }.
copy-locked-out-until = No agent can verify you until { $at }.
copy-locked-out = No agent can verify you until the support desk unlocks you.
copy-masked = Your name and your address are stored in masked form only.
copy-details-days = Names, addresses, ecosystems, ticket numbers and reasons are kept for { $days } days after the end of the quarter.
copy-details-ever = Names, addresses, ecosystems, ticket numbers and reasons are kept until they are erased on request.
copy-session-days = Sessions are kept for { $days } days after they end.
copy-session-ever = Sessions are kept without an end.
copy-removed = Sessions that ended before that were removed. How many there were is not stored.
copy-session = { $nth }. { $kind }, { $at } ({ $reference })
copy-technical = Technical Assistance
copy-successor = Ecosystem Admin
copy-agent = Helped by: { $agent }
copy-an-agent = a support agent
copy-you = You: { $name }, { $address }
copy-ticket = Ticket number: { $ticket }
copy-ecosystem = Ecosystem: { $ecosystem }
copy-succession = Succession: { $succession }
copy-erased = (erased)
copy-erased-details = The names, addresses, ecosystems, ticket numbers and reasons of this session were erased. Nobody can read them any more.
copy-others = Look-ups without a session of their own:
copy-looked-up = A support agent looked you up.
copy-started = The agent began to help you.
copy-started-verify = The agent began to help you, and could only verify that it is you.
copy-chosen = The agent chose { $ecosystem }.
copy-changed = The agent went back to the choice.
copy-code-sent = A code was mailed to you: { $to }.
copy-agent-code-sent = A code was mailed to the agent.
copy-code-not-sent = The code for you could not be mailed.
copy-code-right = Your code was entered: you agreed to be helped.
copy-agent-code-right = The agent was verified.
copy-code-wrong = A wrong code was entered as yours.
copy-plan-shown = The agent was shown your plan.
copy-step-shown = The agent was shown step { $nth } of the succession.
copy-access-opened = The agent was given a link to { $target }, signed in as you.
copy-access-mailed = A link to the succession was mailed to you: { $to }.
copy-access-not-opened = The agent asked for an access link and got none.
copy-reported = You answered a mail: you had not asked for help, or were not sure.
copy-report-cleared = You answered a mail: it was you.
copy-visit-mailed = A mail told you what was opened.
copy-closed-reported = the owner of a mailbox had not asked for the session's mail, or was not sure.
copy-closed-by-lead = a supervisor ended it.
copy-closed-taken-over = a supervisor took it over.
copy-revoked = All access of the session was ended.
copy-open = The session is open.
copy-closed = Ended { $at }: { $why }
copy-reason = Reason that the agent wrote, masked: { $reason }
copy-details-until = Names and details are kept until { $at }.
copy-session-until = The session is kept until { $at }.
copy-closed-finished = the agent finished it.
copy-closed-cancelled = the agent cancelled it.
copy-closed-dismissed = the agent closed it before helping you.
copy-closed-idle = nothing happened for too long.
copy-closed-absolute = it reached its longest time.
copy-closed-agent-locked-out = the agent entered too many wrong codes.
copy-closed-customer-locked-out = too many wrong codes were entered as yours.
copy-closed-agent-ineligible = the agent was no longer allowed to continue it.
copy-closed-customer-inactive = your account is no longer active.
copy-closed-role-changed = your role in the ecosystem changed.
copy-closed-succession-over = the succession ended or has another successor.
copy-closed-proof-invalid = the verification was no longer valid.
copy-closed-ended-by-operator = the operator ended it for a technical reason.
copy-closed-other = it was ended for a technical reason.

## The report page

report-title = Did you ask for help?
report-title-agent = Was this you?
report-mail = { $mail ->
    [customer] On { $day } at { $time } UTC a code was mailed to you so that our support could help you.
    [agent] On { $day } at { $time } UTC a code was mailed to you so that you could help a customer.
    [linking] On { $day } at { $time } UTC a code was mailed to you that links a Discord account to your BackOffice account.
    [notice] On { $day } at { $time } UTC we mailed you that your BackOffice account was linked, or that its password was changed.
   *[visit] On { $day } at { $time } UTC we mailed you that our support had opened your account to help you.
}
report-day = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
report-me = It was me. Everything is fine.
report-not-me = I did not ask for help.
report-not-sure = I read the code out and am not sure any more.
report-not-me-agent = I did not ask for this.
report-not-sure-agent = I passed the code on and am not sure any more.
report-send = Send
report-choose = Choose one of the answers.
report-cleared-title = Thank you
report-cleared = Nothing changes.
report-done-title = Thank you
report-done = { $mail ->
    [visit] Our supervisors have been told. If you are worried, call us and quote { $reference }.
    [notice] Your account is locked at the support desk for an hour. The link or the new password still exists: tell your lead now, and quote { $reference }.
    [notice_unlocked] Our supervisors have been told. The link or the new password still exists: tell your lead now, and quote { $reference }.
   *[code] The request is closed, and the code no longer works. If you are worried, call us and quote { $reference }.
}
report-before-title = Noted
report-before = This was noted already, under { $reference }.
report-gone-title = This link does not work
report-gone = This link is not known, or too old.
report-failed-title = That did not work
report-failed = Nothing was saved. Please call us. If we ask, quote { $reference }.
report-forms-only-title = That did not work
report-forms-only = The form was not received correctly. Open the link in the mail again.
report-busy-title = Too many requests
report-busy = Wait a minute, then load the page again.

## The lead's desk

desk-technical = Technical
desk-successor = Successor
desk-stage-found = Looked up
desk-stage-choosing = Choosing the case
desk-stage-proving-agent = Waiting for the agent's code
desk-stage-announcing = Customer's code not sent yet
desk-stage-proving-customer = Waiting for the customer's code
desk-stage-acting = { $links ->
    [0] Both verified
    [one] Both verified, 1 link
   *[other] Both verified, { $links } links
}
desk-close-word = { $why ->
    [finished] finished
    [cancelled] cancelled
    [dismissed] dismissed
    [idle] no activity
    [absolute] limit of 60 minutes
    [agent_locked_out] the agent's wrong codes
    [customer_locked_out] the customer's wrong codes
    [agent_ineligible] the agent may no longer continue
    [customer_inactive] the customer is no longer active
    [role_changed] the customer's role has changed
    [succession_over] the succession is over
    [proof_invalid] the verification has expired
    [unreadable] could not be read
    [tampered] changed outside the bot
    [ended_by_operator] ended by the operator
    [reported] reported
    [by_lead] by a lead
    [taken_over] taken over by a lead
   *[other] another reason
}
desk-target = { $target ->
    [store] Store
    [web] Web
    [app] App
   *[other] Succession
}
desk-case = { $role } of { $ecosystem }
desk-mark-wrong = { $count } wrong
desk-mark-bounced = 📭 bounced
desk-mark-colleague = 👥 colleague
desk-mark-alert = ⚠ alert
desk-ends = ends { $at }
desk-closed-at = closed { $at }
desk-sessions-open = Open sessions · { $count }
desk-sessions-day = Sessions of 24 hours · { $count }
desk-none = No open session.
desk-none-since = No open session. The last one ended { $at }.
desk-none-day = No session in the last 24 hours.
desk-none-of = { $agent } has no open session.
desk-none-of-day = { $agent } had no session in the last 24 hours.
desk-look-at-session = Look at a session
desk-button-refresh = Refresh
desk-button-close = Close session
desk-button-take-over = Take over
desk-several-title = Several sessions
desk-several = Several sessions begin with this id. Choose one.
desk-minutes = { $count } min
desk-hours = { $count } h
desk-session = Session { $session }
desk-card-agent = Agent { $agent }
desk-card-since = since { $at }
desk-card-customer = Customer { $customer }
desk-card-proven = Verified
desk-card-unproven = Not verified
desk-card-agent-at = agent { $at }
desk-card-customer-at = customer { $at }
desk-card-links = Links: { $links }
desk-card-codes = Codes: agent { $agent } · customer { $customer }
desk-link = { $place } { $at } (ends { $end })
desk-link-ended = { $place } { $at } (ended)
desk-codes-mailed = { $count } mailed
desk-mail-delivered = delivered in { $seconds } s
desk-mail-late = ⏳ still on its way
desk-mail-complained = reported as spam
desk-closed-why = closed { $at }: { $why }
desk-closed-by = closed { $at } by { $lead }
desk-form-close = Close session { $session }
desk-form-close-label = Why (the agent does not see it)
desk-close-done = Session { $session } is closed.
desk-close-revokes = Session { $session } is closed. Its access links are being revoked.
desk-close-already = It was closed already, at { $at }: { $why }.
desk-close-by-other = { $lead } closed it a moment ago.
desk-take-over = The session closes, and its access links are revoked. You start again about the same customer. The customer has to read out a new code.
desk-agents = Linked agents · { $count }
desk-agents-none = No Discord account is linked.
desk-look-at-agent = Look at an agent
desk-agent-state = { $state ->
    [agent] agent
    [verify_only] verify only
    [lead] lead only
    [account_gone] account deleted
    [account_disabled] account disabled
    [address_unverified] address not verified
   *[other] in no group
}
desk-agent-locked-until = locked out until { $at }
desk-agent-locked = locked out until a lead unlocks
desk-agent-unlinked = { $agent } is not linked.
desk-agent-since = linked since { $since }
desk-agent-role = { $role ->
    [yes] Discord role: yes
    [no] Discord role: no
   *[left] has left the server
}
desk-agent-open = { $count ->
    [0] Open now: no session
    [one] Open now: 1 session ({ $ids })
   *[other] Open now: { $count } sessions ({ $ids })
}
desk-agent-signals = Signals, 30 days: { $signals }
desk-agent-no-signals = Signals, 30 days: none
desk-agent-signal = { $kind } { $count } ({ $answers })
desk-agent-signal-answer = { $answer ->
    [false] { $count ->
        [one] false alarm
       *[other] { $count } false alarms
    }
    [handled] { $count ->
        [one] handled
       *[other] { $count } handled
    }
    [open] { $count ->
        [one] open
       *[other] { $count } open
    }
   *[expired] { $count ->
        [one] closed by itself
       *[other] { $count } closed by themselves
    }
}
desk-agent-days = 30 days: { $started } started, { $verified } verified{ $verified_share }, { $abandoned } looked up and not started
desk-lockout-by = Locked out until { $at }, by { $lead }
desk-lockout-why = Locked out until { $at }, by { $lead }: “{ $reason }”
desk-lockout-report = Locked out until { $at } after a report
desk-lockout-codes = No code is accepted until { $at }: too many wrong ones
desk-lockout-row = Locked out after 20 wrong codes in a row, until a lead unlocks
desk-act = { $act ->
    [close] Close all sessions
    [hour] Lock out 1 hour
    [lock] Lock out until unlocked
    [unlock] Unlock
   *[unlink] Unlink
}
desk-act-close = Close all sessions ({ $count })
desk-act-label = Why (kept in the audit trail)
desk-sessions-closed = { $count ->
    [0] No session was open.
    [one] 1 session was closed.
   *[other] { $count } sessions were closed.
}
desk-locked-out = { $agent } is locked out until { $at }.
desk-unlocked = { $agent } is unlocked.
desk-unlinked = { $name }'s Discord account is no longer linked.
desk-notice-mailed = A notice was mailed.
desk-notice-pending = The notice is not confirmed as mailed. The bot keeps trying for an hour.
desk-notice-not-mailed = The notice could not be mailed.

## Statistics

percent = { $value } %
stats-title = { $period ->
    [today] Today
   *[other] Last { $period } days
}
stats-agent = Agent { $agent }
stats-none = No session in this time.
stats-few = One agent has figures from { $least } sessions on.
stats-zone = { $dates } · { $zone }
stats-outcomes = { $started } started · { $verified } verified{ $verified_share } · { $unverified } not verified · { $stopped } locked or reported · { $tickets } with a ticket{ $tickets_share }
stats-pace = Start to verified: half within { $half }, nine of ten within { $most }
stats-minutes = { $minutes } min { $seconds } s
stats-seconds = { $seconds } s
stats-codes = Codes to customers: { $count }
stats-fast = delivered within { $seconds } s { $share }
stats-bounced = bounced { $count }
stats-links = Access links: { $links }
stats-reasons = Why sessions ended: { $reasons }
stats-agents = Agents (≥ { $least } sessions):
stats-more = { $count } more
stats-alerts = Alerts: { $count }, handled { $handled }, false alarm { $wrong }, open { $waiting }
stats-alerts-false = { $count } false
stats-alerts-open = { $count } open
stats-mostly-false = { $kind }: mostly false alarms in 30 days. Tell your operator.
desk-button-file = As a file
stats-file = { $rows ->
    [one] This file has the only session. Times are in UTC.
   *[other] This file has all { $shown } sessions. Times are in UTC.
}
stats-file-part = These are the newest { $shown } of { $total } sessions. Times are in UTC.
stats-file-about = { $rows ->
    [one] 1 session, as CSV
   *[other] { $shown } sessions, as CSV
}
stats-file-column = { $column ->
    [start] start (UTC)
    [kind] support kind
    [scope] scope
    [agent] agent
    [ticket] ticket
    [outcome] outcome
    [reason] close reason
    [seconds] seconds to verified
    [links] links
   *[other] customer
}
stats-choose-period = Period
stats-over-time = Sessions over time
chart-sessions = { $unit ->
    [hour] Sessions per hour
    [week] Sessions per week
   *[day] Sessions per day
}
chart-part = { $outcome ->
    [verified] Verified
    [stopped] Locked or reported
   *[other] Not verified
}
chart-sessions-alt = { $title }, { $dates }: { $started } started, { $verified } verified
chart-most = most { $when }, { $count }
chart-none = none { $when }
chart-none-of = none { $unit ->
    [week] in { $count } weeks
   *[day] on { $count } days
}
chart-reasons = Why sessions ended
chart-others = other reasons
date-day = { $day } { $month }
date-full = { $day } { $year }
date-range = { $first } to { $last }
date-short = { $day } { $month }
date-when = { $unit ->
    [hour] at { $label }
    [week] in the week from { $label }
   *[day] on { $label }
}
date-weekday = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
} { $day }
date-month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
date-month-short = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}

## The launcher

launcher-text = Support Desk · only you see what opens here
launcher-sessions = My sessions
launcher-account = My account
desk-launcher-posted = Posted in { $channel }. Pin it, and delete an older one.
desk-launcher-not-permitted = The bot may not post in { $channel }. It needs the permissions View Channel and Send Messages there. Ask an administrator of this server, then type the command again.

## Earlier sessions of a customer

button-history = History
history-title = History · { $customer }
history-none = No earlier session in the last 12 months.
history-verified = verified
history-unverified = not verified
history-by-you = by you
history-by-colleague = by a colleague
past-before = { $count ->
    [one] Here before: 1 session in 12 months, { $verified } verified; last one { $at }.
   *[other] Here before: { $count } sessions in 12 months, { $verified } verified; last one { $at }.
}
past-reported = ⚠️ The customer said { $at } that they had not asked for help. Ask twice.
past-attempts = { $count ->
    [3] ⚠️ Third attempt today, none verified.
    [4] ⚠️ Fourth attempt today, none verified.
   *[other] ⚠️ Attempt number { $count } today, none verified.
}
past-bounced = ⚠️ The last mail to this customer came back.

## Signals of the watch
signal-lookups-abandoned = Within 60 minutes the agent looked up { $total } customers. { $count } of them were not helped.
signal-enumeration = Within 60 minutes { $count } look-ups of the agent found no customer.
signal-agent-shopping = Within 24 hours { $count } agents looked this customer up: { $agents }. None of them verified the customer.
signal-agent-shopping-wrong = { $wrong ->
    [one] One wrong code of the customer was typed.
   *[other] { $wrong } wrong codes of the customer were typed.
}
signal-agent-shopping-reported = The customer has reported one of these sessions.
signal-repeated-codes = Within 24 hours the customer got codes in { $count } sessions. None led to a verification.
signal-slow-guessing = Within 24 hours { $count } wrong codes for { $purpose ->
    [agent_mfa] the **internal verification**
    [customer_consent] the **customer verification**
   *[agent_link] **linking an account**
} were typed in { $sessions } sessions.
signal-fast-code = Within 7 days { $count } customers' codes were typed less than 8 seconds after they were sent. A customer cannot read a code out that fast.
signal-repeated-access = Within 7 days the agent opened access to this customer in { $count } sessions, { $today } of them within 24 hours.
signal-bulk-access = Within 60 minutes the agent opened access to { $customers } customers.
signal-many-links = In this session the agent opened { $links } access links.
signal-colleague-access = The verified customer is a linked agent. That is allowed, but both mailboxes are the company's.
signal-mail-delivery = Within 30 minutes { $codes } codes were mailed to customers. { $failed } of them came back, or were undelivered after a minute.
signal-mail-bounced = { $customers ->
    [0] No mail came back.
    [one] The mails of one customer came back.
   *[other] The mails of { $customers } customers came back.
}
signal-mail-holds-back = While this alert is open, the signals "One customer, several agents" and "One customer, many codes" are held back.

## The leads' view of the audit trail

desk-button-trail = Trail
desk-button-agent = Agent
desk-button-older = Older
desk-button-newer = Newer
desk-button-verify = Verify this
desk-button-days = { $days } days
desk-trail = Trail
desk-trail-session = session { $session }
desk-trail-ticket = ticket { $ticket }
desk-trail-days = { $days ->
    [one] last 24 hours
   *[other] last { $days } days
}
desk-trail-topic = { $topic ->
    [codes] codes
    [links] access links
    [refusals] refusals
    [leads] leads
   *[other] alerts
}
desk-trail-events = { $count ->
    [one] 1 event
   *[other] { $shown } events
}
desk-trail-many = more than { $shown } events
desk-trail-page = Page { $page } of { $pages } · times in your time zone
desk-trail-page-of-many = Page { $page } of many · times in your time zone
desk-trail-last-page = The pages end here, after { $count } events. To see others, filter by session, agent, customer or ticket, or choose `what`. The operator can export all.
desk-trail-none = { $days ->
    [one] No such event in the last 24 hours.
   *[other] No such event in the last { $days } days.
}
desk-trail-none-of-session = No such event in this session.
desk-trail-erased = Customer { $customer } (erased)
desk-trail-actor = { $actor ->
    [clock] clock
    [customer] customer
    [agent] agent, by mail
    [operator] operator
    [watch] watch
   *[other] { $actor }
}
desk-trail-code = { $purpose ->
    [customer_consent] customer's code
    [agent_mfa] agent's code
    [agent_link] code to link the account
   *[other] code
}
desk-trail-subject = { $subject ->
    [customer] the customer
    [agent] the agent
   *[other] –
}
desk-trail-reason = { $what }: “{ $reason }”
desk-trail-what = { $kind ->
    [looked_up] { $found ->
        [yes] looked up, found
        [no] looked up, not found
       *[other] looked up
    }
    [started] started
    [ecosystem_chosen] ecosystem chosen: { $ecosystem }
    [ecosystem_changed] went back to the choice of the ecosystem
    [code_asked] { $code } requested
    [code_sent] { $code } mailed
    [code_not_sent] { $code } not mailed: { $why }
    [code_delivered] { $code } taken by the mail server after { $seconds } s
    [code_late] { $code } still on its way after a minute
    [code_bounced] mail of the { $code } came back
    [code_complained] mail of the { $code } reported as spam
    [code_typed] { $code } typed
    [code_right] { $code } right
    [code_wrong] { $code } wrong
    [code_not_counted] { $code } not counted: { $why }
    [plan_shown] plan shown: { $ecosystem }
    [step_shown] step { $step } of the succession shown
    [access_asked] access link requested: { $place }
    [access_opened] access link issued: { $place }
    [access_mailed] access link mailed: { $place }
    [access_not_opened] access link not issued: { $why }
    [revoke_asked] revocation of the access links requested
    [revoked] revocation of the access links: { $outcome }
    [refused] refused: { $why }
    [resumed] panel drawn again
    [stayed] stayed
    [closed] closed: { $why }
    [reported] reported: did not ask for it
    [report_cleared] confirmed on the report page: it was me
    [locked_out] { $subject } locked out until { $until }
    [unlocked] { $subject } unlocked
    [unlinked] { $subject } unlinked
    [key_rotated] key of the trail replaced
    [customer_erased] customer erased
    [customer_exported] copy of a customer's data written
    [link_asked] link of accounts requested
    [linked] accounts linked
    [recovery_asked] password recovery requested
    [password_typed] new password submitted
    [password_changed] password changed
    [password_not_changed] password not changed: { $why }
    [signed_out] signed out everywhere: { $outcome }
    [notified] notice { $template } mailed: { $outcome }
    [desk_read] read: { $view }
    [desk_file] took a file: { $view }
    [alerted] leads alerted: { $outcome }
    [taken_over] taken over
    [launcher_posted] launcher posted
    [copy_asked] copy of a customer's data requested
    [erasure_asked] erasure of a customer requested
    [alert_opened] alert opened
    [alert_told] alert posted to the leads
    [alert_handled] alert handled
    [alert_false] alert marked as a false alarm
    [alert_reopened] alert reopened
   *[other] { $name }
}
desk-several-filters = Filter by one of session, agent, customer and ticket at a time.
desk-no-customer = No session with this customer on record.
desk-no-session = No session of the last 365 days begins with this id. Type at least its first six characters, or choose one from the list.
desk-file = { $rows ->
    [0] There is no event in this file.
    [one] This file has the only event.
   *[other] This file has all { $shown } events. Times are in UTC.
}
desk-file-part = These are the newest { $shown } of { $total }. Times are in UTC. The operator can export the remaining ones.
desk-file-about = { $rows ->
    [one] 1 event of the audit trail, as CSV
   *[other] { $shown } events of the audit trail, as CSV
}
desk-file-column = { $column ->
    [time] time (UTC)
    [actor] actor
    [session] session
    [customer] customer
    [ticket] ticket
    [kind] kind
   *[other] details
}
desk-verified-title = Chain of session { $session }
desk-verified = { $count ->
    [one] 1 event, not changed, removed or moved.
   *[other] { $count } events, none changed, removed or moved.
}
desk-verified-at = Checked { $at }. What the agent was shown after the verification is in the agent's own chain.
desk-findings = { $count ->
    [one] The chain does not verify: 1 finding.
   *[other] The chain does not verify: { $count } findings.
}
desk-finding = { $word ->
    [changed] Event { $first } was changed, moved or forged.
    [unverifiable] Event { $first } cannot be verified, because the event before it was changed.
    [key] Event { $first } was signed with a key that is unknown or was replaced.
    [unplaced] The number of an event cannot be read.
    [removed] Events { $first } to { $last } are missing.
    [cut_off] The events after { $first } are missing, up to { $last }.
    [replaced] Event { $first } is not the one that a checkpoint names.
    [head] The session's row names another last event.
    [owner] The session's row names another agent than its events.
    [close] The session's row and its events differ about its close.
   *[other] The events do not fit their checkpoints.
}
desk-findings-then = Do not use this session as evidence. Tell the operator: `support-desk trail verify` checks everything.

## The card of a customer

desk-customer = Customer { $customer }
desk-customer-named = Customer { $customer } · { $name }
desk-customer-none = No session with this customer on record.
desk-customer-known = Known since { $since }
desk-customer-sessions = { $count ->
    [one] 1 session in 12 months
   *[other] { $count } sessions in 12 months
}
desk-customer-verified = { $count } verified
desk-customer-open = open
desk-customer-wrong = customer's code wrong { $count }×
desk-customer-not-started = not started
desk-customer-closed-why = { $why }: “{ $reason }”
desk-customer-older = Older
desk-customer-newer = Newer
desk-customer-act = { $act ->
    [unlock] Unlock
    [copy] Ask for a copy of the data
   *[erasure] Ask for erasure
}
desk-customer-unlocked = { $customer } is unlocked.
desk-report = Report: on { $at } the customer said { $choice ->
    [not_sure] “I read the code out and am not sure any more”
   *[other] “I did not ask for help”
} ({ $notes })
desk-report-quick = quick, may be a mail scanner
desk-report-handled = handled by { $lead }
desk-report-false = false alarm, { $lead }
desk-report-open = not handled yet

## Requests for a copy or an erasure

request-reference = Reference of the person's request
request-made = { $act ->
    [copy] A copy of the data of { $customer } is asked for.
   *[erasure] The erasure of { $customer } is asked for.
} Give the operator this id: { $request }. It is good for 30 days.
request-asked = { $act ->
    [copy_asked] { $lead } asked for a copy of the data of { $customer } ({ $request }).
   *[other] { $lead } asked for the erasure of { $customer } ({ $request }).
}
request-of-operator = { $act ->
    [copy_asked] An operator wrote a copy of the data of { $customer } ({ $request }).
   *[other] An operator erased { $customer } ({ $request }).
}
request-waits = An operator performs it.
request-expired = No operator performed it within 30 days, so it ended. Ask again if the person still wants it.
request-done = Done, { $at }.
request-refused = Refused, { $at }: { $why ->
    [open] a session is open
    [report] a report of this customer is open
    [locked] the customer is locked out
   *[other] the operator knows why
}.
