/* steps.h - the steps of scenarios.txt, taken by an office (office.h).
 *
 * The steps, one a line:
 *
 *   set NAME=VALUE ...           settings of the policy, by name
 *   platform WORD ...            +invites -silent -customs +first-delivery +clock-in-doubt
 *                                +inventory -inventory +lose-answer +mandatory; refuses=VALUE
 *                                +names-none: with such a value all is refused, and no field named
 *   hr NAME FIELD=VALUE ...      HR states; the person is made when new. +N, -N: a day counted from
 *                                the first; "" empty; ? missing; secondary_teams=KEY,KEY. Also
 *                                presence=, excluded=, problem=, custom.NAME=
 *   team N NAME                  HR's department N is called so
 *   there ID FIELD=VALUE ...     somebody edits the platform by hand; also status=, role=,
 *                                external=, tie=, invited=, stale= (another team); @NAME for ID:
 *                                the account of that person
 *   hand-team ID NAME            somebody makes a team on the platform
 *   approve NAME WHAT VALUE [N]  a person approves; an invitation not before day N
 *   link NAME ID                 a person says that this account is theirs, who has none
 *   pin NAME FIELD VALUE         run 12 has undone that value of a field; FIELD account: VALUE is how
 *                                the account is kept, closed or open (open:CAUSE: and what was undone)
 *   day N                        the day is N
 *   unread                       HR is not read from now on; read: again, and each day
 *   deliver                      a delivery, carried out
 *   expect NAME VERB CODE ...    what is decided now: mail, silent, waits=, due=+N, then=VERB,
 *                                FIELD:sends, FIELD:stays:CODE, FIELD:awaits, "says=..." (a part)
 *   shows ID FIELD=VALUE ...     what the platform shows
 *   accounts N, mails N, writes N   open accounts but the owner's; mails; calls of the last delivery
 *   teams N                      teams made by rollcall
 *   ---                          another company, another platform
 *
 * After each delivery a second one must have nothing to do, unless the line says "deliver more". */
#pragma once

void steps_begin(void); /* a company and its platform, on day 0 */
void steps_end(void);
/* Fails the test, with the line, where it does not go as the step says. */
void steps_take(const char *step, int line);
