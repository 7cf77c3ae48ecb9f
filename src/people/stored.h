/* stored.h - employee and user as the version row holds them, and back.
 *
 * Format: one JSON object each. Employee:
 *         {"source_id":"4711","first_name":"Mira","office":{"id":"5120","name":"Bremen"},
 *         "department":{"id":"903"},"termination_date":null,"custom":{"dynamic_204813":"N-00417"}}.
 *         A missing field has no key, an empty one is null. Departments and teams with an id are
 *         stored without their name, which lives on the team.
 *         A department that the mapping makes a text of has its name here too.
 *         User: {"first_name":"Mira", ...} by user_field_name(), and "custom":{"cost_code":"4400"}.
 * Errors: reading: RC_FATAL, a row of ours that is not as above.
 * Memory: texts are borrowed from the JSON document until its reader is used again; rows and names
 *         of custom fields lie in the arena. */
#pragma once
#include "base/arena.h"
#include "json/json.h"
#include "people/employee.h"
#include "people/user.h"

void stored_employee_write(const struct employee *e, struct buf *ret);
void stored_user_write(const struct user *u, struct buf *ret);
/* Whether stored_user_write() would write this text. Another text may be the same user too. */
bool stored_user_is(const struct user *u, struct text stored);
enum rc_code stored_employee_read(json v, struct arena *a, struct employee *ret,
                                  struct rc_error *err);
enum rc_code stored_user_read(json v, struct arena *a, struct user *ret, struct rc_error *err);
