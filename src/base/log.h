/* log.h - one line a fact, key=value, on stderr.
 *
 * error: a person must act. warn: we went on without it. info: a run or a state changed. debug:
 * for us. Floors 0 to 3 return errors and do not log; sync/, server/ and cmd/ log each failure
 * once. Under systemd each line begins with its priority ("<3>"). Values with blanks or quotes
 * are quoted by the caller with %s and log_quote(). */
#pragma once
#include "base/error.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* key=value, as above; or for machines one JSON object a line, with the time: {"time":"...","level":
 * "info","job":"...","run":12}. What is no key=value stands in "text". */
enum log_form { LOG_FORM_TEXT = 0, LOG_FORM_JSON };
void log_set_form(enum log_form form);

/* What this thread is at, "job=sync/acme/hr/17": behind the level of each of its lines. */
void log_about(const char *fmt, ...) RC_PRINTF(1, 2);
void log_about_nothing(void);

/* What is above is not written; LOG_LEVEL_WARN at first. */
void log_set_level(enum log_level level);
enum rc_code log_level_parse(const char *name, enum log_level *ret, struct rc_error *err);
void log_error(const char *fmt, ...) RC_PRINTF(1, 2);
void log_warn(const char *fmt, ...) RC_PRINTF(1, 2);
void log_info(const char *fmt, ...) RC_PRINTF(1, 2);
void log_debug(const char *fmt, ...) RC_PRINTF(1, 2);
/* "a \"b\"\n": quoted and escaped, on one line, cut between characters when ret is too small.
 * NULL is "". */
const char *log_quote(const char *value, char *ret, unsigned long ret_bytes);
