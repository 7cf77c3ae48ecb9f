/* destination_p.h - what the members of this family share, and nobody else needs. */
#pragma once
#include "destination/destination.h"

extern const struct destination_ops learnamp_destination_ops;

/* The value of a setting, else its fallback; NULL when it has neither. Borrowed from the
 * configuration. */
const char *destination_value(const struct destination_config *c, const char *key);
/* A whole number from least to most; RC_INVALID "setting" names the setting and the range. */
enum rc_code destination_value_int(const struct destination_config *c, const char *key,
                                   int64_t least, int64_t most, int64_t *ret, struct rc_error *err);
/* "yes" or "no"; RC_INVALID "setting" for anything else. */
enum rc_code destination_value_bool(const struct destination_config *c, const char *key, bool *ret,
                                    struct rc_error *err);

/* Adds a finding; the text is printed into the arena. At most DESTINATION_FINDINGS_MAX: the last
 * says that there are more. */
enum { DESTINATION_FINDINGS_MAX = 200 };
void destination_find_add(struct destination_check *c, struct arena *a, enum finding_level level,
                          const char *name, const char *fmt, ...) RC_PRINTF(5, 6);

/* For outcome->refused. */
static inline uint64_t destination_bit(size_t i) {
    return i < DESTINATION_FIELDS_MAX ? UINT64_C(1) << i : 0;
}
