# Every sentence that the bot says, in English. Same messages and arguments as es.ftl.

## Refusals

refusal-not-an-agent = Only support agents can use this. Ask an administrator of this server for the agent role.
refusal-wrong-channel = This works only in the support channel.
refusal-not-linked = Your Discord account is not linked to a BackOffice account yet. Link it with `/account link`.
refusal-never-signed-in = The first password of your BackOffice account was never replaced, so it cannot be recovered. Ask an administrator for a new one.
refusal-not-recoverable = Your BackOffice account is in a state in which its password cannot be recovered. Ask an administrator.
refusal-other-address = That is not the address of the BackOffice account that your Discord account is linked to. The try counts as one of three an hour.
refusal-recovery-not-set-up = Passwords cannot be recovered with this bot, as its page is not set up. Ask an administrator.
refusal-not-yours = This panel belongs to another agent.
refusal-unknown-button = This button comes from another version of the bot. Draw your panel again with `/support resume`.
refusal-already-done = That was already done. This is how it stands now.
refusal-closed = This session is closed ({ $at }): { $why }
refusal-nothing-open = You have no open session. Begin one with `/support technical` or `/support successor`.
refusal-malformed-email = That is not an e-mail address. Write it like `name@company.com`.
refusal-unknown-customer = Nobody in Waizant has that e-mail address. Check the spelling with the customer.
refusal-own-address = That is your own address. A colleague has to help you: one mailbox cannot pass both verifications.
refusal-attended = This customer is being attended by another agent right now.
refusal-limit-lookups = You have looked up many customers in the last hour. The next look-up is possible { $at }.
refusal-limit-sends = Too many codes were mailed to this address today. The next one can be sent { $at }.
refusal-limit-wrong-codes = There were too many wrong codes in the last hour. Try again { $at }.
refusal-limit-links = You have asked to link an account too often. Try again { $at }.
refusal-limit-recoveries = You have asked three times within an hour. Ask again { $at }.
refusal-locked-out = After too many wrong codes there is a pause. Try again { $at }.
refusal-malformed-code = A code is six digits. Look at it and type it again; no try was lost.
refusal-wrong-code = { $left ->
    [one] That code is not right. 1 try left.
   *[other] That code is not right. { $left } tries left.
}
refusal-expired-code = That code has expired; no try was lost.
refusal-type-again = The check of the code was interrupted. Type the code again; no try was lost.
refusal-too-early = A new code can be sent { $at }.
refusal-no-sends-left = All three codes of this verification were sent. Only Cancel is left; you can begin again afterwards.
refusal-undelivered = The message could not be delivered. Check the address on file, or try again in a while.
refusal-unopened = It could not be opened. Try again in a while.
refusal-busy = The other side is busy. Try again in a moment.
refusal-busy-until = The other side is busy. Try again { $at }.
refusal-reason-too-short = Write at least 10 characters, so that others understand why.
refusal-reason-too-long = Write at most 500 characters.
refusal-unknown-succession = That succession is not one of this customer's any more. Choose another.
refusal-other-kind = You are attending this customer already, in { $kind }: finish or cancel that first. This is its panel.
refusal-unknown-ecosystem = That ecosystem is not one of this customer's any more. Choose another.
refusal-too-late = The session is about to end, so nothing more is opened. Finish it and begin again if you need to.
refusal-already-linked = Your Discord account is already linked to { $email }. A lead can undo that.
refusal-linked-meanwhile = The code was right, but one of the two accounts has been linked to another meanwhile. A lead can undo that.
refusal-failed = Something failed on our side. Try again; if it goes on, report it with the reference `{ $reference }`.

## Why a link does not count, and what a session was lost for

account-problem-gone = Your BackOffice account was deleted, so your link does not count any more. Ask an administrator.
account-problem-disabled = Your BackOffice account is disabled, so your link does not count any more. Ask an administrator.
account-problem-not-in-group = Your BackOffice account is in no Customer Service group, so your link does not count any more. Ask an administrator.
account-problem-unverified = The address of your BackOffice account is not verified, so your link does not count any more. Ask an administrator.
not-eligible-role = You do not have the agent role any more. Ask an administrator of this server.
not-eligible-link = Your Discord account is not linked any more to the BackOffice account that this session was opened with.

## Why a session closed

close-reason-finished = it was finished.
close-reason-cancelled = it was cancelled.
close-reason-dismissed = it was put away.
close-reason-idle = there was no activity for 15 minutes, so the request is lost.
close-reason-absolute = it reached its end after 60 minutes.
close-reason-agent-locked-out = too many wrong codes of the agent.
close-reason-customer-locked-out = too many wrong codes of the customer.
close-reason-agent-ineligible = the agent is no longer entitled to help customers.
close-reason-customer-inactive = the customer is not active in Waizant any more.
close-reason-role-changed = the customer's role in the ecosystem has changed.
close-reason-succession-over = the succession is over, or somebody else's by now.
close-reason-proof-invalid = the verification has expired. Start again.
close-reason-replaced = a newer link took its place.

## Technical Assistance

technical-title = Technical Assistance
session-footer = Session { $session }
field-customer = Customer
field-email = E-mail
field-state = State in Waizant
field-ecosystems = Ecosystems
field-successions = Successions
field-ecosystem = Ecosystem
field-role = Role
status-active = Active since { $since }
status-pending = Pending since { $since }
status-suspended = Suspended (customer since { $since })
status-closed = Closed (customer since { $since })
status-unknown = Unknown (customer since { $since })
role-owner = Owner
role-member = Member
role-successor = Successor

found-ready = Ask the customer whether they want help now, then start the verification.
found-pending = This customer has not finished signing up, so there is nothing to verify yet. Ask them to complete their registration.
found-suspended = This customer is suspended. Only the Waizant team that suspended the account can help.
found-closed = This customer has closed their account. It cannot be supported any more.
found-unknown = The state of this customer is unknown to this bot, so nothing can be verified. Report it to an administrator.
found-no-ecosystem = This customer belongs to no ecosystem, so there is nothing to give support for.
found-no-succession = This customer is not the successor in any succession, so there is nothing to help with here. Their own ecosystems are in `/support technical`.
found-attended-by = This customer is being attended by { $agent } right now.
found-attended = This customer is being attended by another agent right now.

choose-text = Choose the ecosystem that the customer needs help with.
page-of = Page { $page } of { $pages }.
choose-placeholder = Choose an ecosystem
choose-unread = What there is to choose from cannot be read right now. `/support resume` tries again.
choose-succession-text = The customer is the successor in several ecosystems. Choose the one that they need help with.
choose-succession-placeholder = Choose a succession

agent-heading = Step 1 of 2: internal verification
agent-sent = A code was mailed to **you**, at { $to }. It is valid until { $until } ({ $left }).
agent-none = No code is on its way to you yet.
agent-expired = The code that was mailed to you has expired.
customer-heading = Step 2 of 2: customer verification
customer-announce = A code will be sent to the person you are supporting, at { $to }. Tell them that it comes from Waizant, and ask them to read it out to you.
customer-sent = A code was mailed to the **customer**, at { $to }. It is valid until { $until } ({ $left }). Ask the customer to read it out.
customer-expired = The code that was mailed to the customer has expired.
code-resend-at = A new one can be sent { $at }.
code-sends-left = { $left ->
    [0] No further code can be sent.
    [one] 1 more code can be sent.
   *[other] { $left } more codes can be sent.
}

acting-text = Both are verified. What do you need to open for the customer?
acting-owner = The customer is the **owner** of this ecosystem.
acting-member = The customer is a **member** of this ecosystem.

plan-heading = Plan details
plan-name = Plan
plan-state = State
plan-price = Price
plan-renews = Renews
plan-includes = It includes
plan-renews-never = Does not renew
plan-ends = Ends
plan-nothing = Nothing is listed.
plan-month = { $price } a month
plan-year = { $price } a year
plan-other = { $price }
plan-status-active = Active
plan-status-trial = On trial
plan-status-past-due = Payment overdue
plan-status-cancelled = Cancelled
plan-status-unknown = Unknown
plan-gone = The plan of this ecosystem cannot be read right now.

opened-store = Waizant Store
opened-web = Waizant Web
opened-app = Waizant App
opened-successor = Access for the successor
opened-successor-qr = The successor scans this with their mobile device. It works **once**, and ends { $until }.
opened-successor-qr-alt = QR code that gives the successor access
opened-link = This opens { $place } signed in as the customer. It works **once**, and ends { $until }.
opened-qr = Scan this with the mobile device. It works **once**, and ends { $until }.
opened-qr-alt = QR code that opens Waizant App
opened-ended = It has ended with the session.
opened-expired = It has expired. Open it again from the panel if you still need it.
open-store = Open the store
open-web = Open the web

warning-idle = ⏳ Nothing has happened for a while. This session closes { $at }.
warning-customer = ⏳ The customer has not answered. This session closes { $at }.
warning-absolute = ⏳ This session reaches its end { $at }, whatever happens.
stripped-text = This session closes for lack of activity at { $at } ({ $left }). Until then Resume goes on with it; after that the request is lost.
stripped-customer = The customer has not answered, so this session closes at { $at } ({ $left }). Until then Resume shows its panel once more.
stripped-absolute = This session ends at { $at } ({ $left }), whatever happens. Until then Resume shows its panel once more.
closed-title = Session closed

button-start = Start verification process
button-close = Close
button-previous = Previous page
button-next = Next page
button-enter-code = Enter code
button-resend = Resend
button-send = Send code
button-change = Change ecosystem
button-cancel = Cancel
button-try-again = Try again
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
form-code-placeholder = 123456
form-cancel = Cancel the process
form-cancel-label = Why is it being cancelled?
form-cancel-placeholder = Between 10 and 500 characters

## Ecosystem Admin

successor-title = Ecosystem Admin
succession-text = Both are verified. This is how the succession stands.
succession-mailed = 📨 An access QR was mailed to the successor, at { $to }. It works **once**, and ends { $until }.
succession-rejected = ❌ Step { $number }, **{ $title }**, was rejected. Its details tell the reasons and what to do next.
succession-no-steps = The steps of this succession cannot be read right now.
succession-step = Step { $number } of { $all }: { $title }
succession-reasons = **Reasons**
succession-rejected-next = **What to do next:** tell the successor the reasons. When they have put them right, Waizant looks at this step again. An access QR takes the successor to the succession.
succession-current-next = This step is under way.
succession-waiting-next = This step begins when the ones before it are done.
step-done = ✅ Done
step-current = 🔵 In progress
step-waiting = ⚪ Waiting
step-rejected = ❌ Rejected
step-unknown = ❔ Unknown
button-change-succession = Change succession
button-details = { $number }. See details
button-previous-step = Previous step
button-next-step = Next step
button-send-qr = Send QR
button-show-qr = Show QR

## Resume

pick-title = Open sessions
pick-text = Choose the session whose panel you want back.
pick-placeholder = Choose a session
pick-label = { $customer } · { $session }
pick-description = { $kind } · opened at { $at } UTC · { $stage }
moved-text = This panel was drawn again in a newer message.
stage-found = looked up
stage-choosing = choosing the ecosystem
stage-choosing-succession = choosing the succession
stage-proving-agent = internal verification
stage-announcing = before the customer's code
stage-proving-customer = customer verification
stage-acting = verified

## Linking

link-title = Link your BackOffice account
link-asked = If { $to } is the address of a BackOffice account that can give support, a code is on its way to it. It is valid until { $until } ({ $left }).
link-expired = If a code was sent, it has expired by now.
link-done = Your Discord account is linked to the BackOffice account of **{ $name }**. A notice was mailed to it.

## What is linked

show-title = Your BackOffice account
show-counts = Your link counts: you can help customers.
show-closing = Your open sessions close with it.
show-name = Name
show-email = E-mail
show-since = Linked since
show-groups = Groups
show-group-counts = { $group } (counts)
show-no-groups = None
show-more-groups = … and { $count } more
show-sessions = Open sessions
show-no-sessions = None
show-session = Session { $session }
show-session-about = { $kind } · { $customer } · { $stage } · closes { $at }
show-more-sessions = { $count ->
    [one] One more session is open. `/support resume` lists them.
   *[other] { $count } more sessions are open. `/support resume` lists them.
}

## Recovering the password

recover-title = Recover your BackOffice password
recover-sent = A code was mailed to { $to }. If there are several mails, use the newest.
recover-resent = A new code was mailed to { $to }. Use the newest mail.
recover-page = Type the code and a new password on the page that the button opens. It works until { $until } ({ $left }), and for one change. Pass the link to nobody.
recover-no-address = Its address cannot be shown any more. Ask for a new link with `/account recover`.
recover-never-here = A password is never typed in Discord.
recover-link-dead = Its link does not work any more.
button-open-page = Open the page

## Leads

alert-locked-title = Session locked
alert-locked-agent = Too many wrong codes for the **internal verification**.
alert-locked-customer = Too many wrong codes for the **customer verification**.
alert-locked-link = Too many wrong codes while **linking an account**.
alert-agent = Agent
alert-session = Session

## Slash commands

command-support = support
command-support-about = Help a customer
command-technical = technical
command-technical-about = Technical Assistance: verify a customer and help them
command-technical-email = email
command-technical-email-about = The customer's e-mail address
command-successor = successor
command-successor-about = Ecosystem Admin: verify a successor and help them
command-successor-email = email
command-successor-email-about = The successor's e-mail address
command-resume = resume
command-resume-about = Draw the panel of an open session again
command-account = account
command-account-about = Your BackOffice account
command-link = link
command-link-about = Link your Discord account to your BackOffice account
command-link-email = email
command-link-email-about = The registered address of your BackOffice account
command-show = show
command-show-about = What is linked, whether it counts, and your open sessions
command-recover = recover
command-recover-about = Recover the password of your BackOffice account
command-recover-email = email
command-recover-email-about = The registered address of your BackOffice account

## The recovery page

page-title = New password
page-sent = A code was mailed to { $to }. It is valid for an hour after it was sent; if there are several mails, use the newest.
page-until = { $minutes ->
    [one] This page works for another minute, for one change.
   *[other] This page works for another { $minutes } minutes, for one change.
}
page-code = Write your password reset code
page-code-hint = Six digits
page-password = New Password
page-again = Confirm New Password
page-policy = Your new password:
page-history = { $count ->
    [one] Different from your current password
   *[other] Different from your last { $count } passwords
}
page-met = met
page-not-met = not met yet
page-progress = { $met } of { $all } conditions met
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
page-resend-never = No more codes can be sent from this page. Use the newest mail, or ask for a new link in Discord later.
page-resent = A new code is on its way to { $to }. Use the newest mail.
page-error = Error
page-problem = That did not work
page-malformed-code = A code is six digits. Look at it again and correct it.
page-unmet = Not met yet: { $unmet }.
page-mismatch = The two passwords are not the same. Type both again.
page-wrong-code = That code is not right. Use the one in the newest mail.
page-expired-code = That code is not valid, or not any more. Have a new one sent, here or with a new link from Discord.
page-weak = That password does not meet the conditions below. Choose another.
page-reused = That is one of your latest passwords. Choose one that you have not used.
page-too-many = There were too many tries for this account. Wait up to an hour, then try again.
page-overloaded = Too many people want something at the same time. Wait a minute, then try again.
page-not-recoverable = The password of this account cannot be recovered here. Contact an administrator.
page-undelivered = The mail could not be delivered. Try again later, or contact an administrator.
page-too-early = { $seconds ->
    [one] A new code can be sent in 1 second.
   *[other] A new code can be sent in { $seconds } seconds.
}
page-limit-requests = { $minutes ->
    [one] You have asked for three codes within an hour. Use the newest mail, or ask again in 1 minute.
   *[other] You have asked for three codes within an hour. Use the newest mail, or ask again in { $minutes } minutes.
}
page-limit-confirms = { $minutes ->
    [one] You have tried five times within an hour. Try again in 1 minute.
   *[other] You have tried five times within an hour. Try again in { $minutes } minutes.
}
page-maybe-sent = Something failed on our side, so nobody knows whether a code was mailed. Look into your mailbox; if no mail has come, press Resend on the page. If it goes on, report it with the reference { $reference }.
page-maybe-sent-interrupted = We were interrupted, so nobody knows whether a code was mailed. Look into your mailbox; if no mail has come, press Resend on the page.
page-maybe-changed = Something failed on our side, so nobody knows whether your password was changed. Try to sign in with the new one; if that does not work, fill the page in again. If it goes on, report it with the reference { $reference }.
page-maybe-changed-interrupted = We were interrupted, so nobody knows whether your password was changed. Try to sign in with the new one; if that does not work, fill the page in again.
page-failed = Something failed on our side. Try again; if it goes on, report it with the reference { $reference }.
page-forms-only = The form did not arrive as this page sends it. Open the link in Discord again and fill it in there.
page-done-title = Your password was changed
page-done = Sign in to BackOffice with the new password.
page-done-out = All your BackOffice sign-ins were ended. A window that is still open may keep working until its sign-in runs out.
page-done-out-soon = All your BackOffice sign-ins are being ended; if that fails, it is tried again for an hour. A window that is still open may keep working until its sign-in runs out.
page-done-notice = A notice of it goes to your mailbox.
page-done-not-you = If you did not change the password yourself, contact an administrator at once.
page-done-close = You can close this page.
page-gone-title = This link does not work
page-gone = It is older than an hour, was closed or replaced by a newer one, or was not copied whole. Ask for a new one in Discord with /account recover.
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
requirement-no-space = No spaces
