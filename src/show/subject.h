/* subject.h - one person's data: who is meant, everything that is held of them in one document, and the
 * receipt that they were forgotten.
 *
 * Errors: RC_NOT_FOUND "person.unknown"; RC_INVALID "person.several". */
#pragma once
#include "show/show.h"
#include "store/subject.h"

/* By id in HR, e-mail or #number, exactly one of the directory. */
enum rc_code show_person_find(const struct show *s, int64_t company_id, const char *what,
                              struct person *ret, struct rc_error *err);
/* Likewise; and somebody whom only a stage has, by id in HR. */
enum rc_code show_subject_find(const struct show *s, const struct company *co, const char *what,
                               struct subject *ret, struct rc_error *err);
/* "company" to "named_as_manager_by", as members of the open object. events: of hook_events_open(). */
enum rc_code show_subject(const struct show *s, struct store *events, struct json_writer *w,
                          const struct company *co, const struct subject *who,
                          struct rc_error *err);

enum { SHOW_HEX_BYTES = 2 * SUBJECT_DIGEST_BYTES + 1 };
const char *show_hex(const uint8_t bytes[SUBJECT_DIGEST_BYTES], char ret[SHOW_HEX_BYTES]);
void show_erasure(struct json_writer *w, const char *key, const struct erasure *e);
