/* destination_p.h - what the members of this family share, and nobody else needs. */
#pragma once
#include "destination/destination.h"

extern const struct destination_ops learnamp_destination_ops;

/* As base/setting.h says. */
const char *destination_value(const struct destination_config *c, const char *key);
enum rc_code destination_value_int(const struct destination_config *c, const char *key,
                                   int64_t least, int64_t most, int64_t *ret, struct rc_error *err);
/* "yes" or "no"; RC_INVALID "setting" for anything else. */
enum rc_code destination_value_bool(const struct destination_config *c, const char *key, bool *ret,
                                    struct rc_error *err);

void destination_find_add(struct destination_check *c, struct arena *a, enum finding_level level,
                          const char *name, const char *fmt, ...) RC_PRINTF(5, 6);

/* For outcome->refused. */
static inline uint64_t destination_bit(size_t i) {
    return i < DESTINATION_FIELDS_MAX ? UINT64_C(1) << i : 0;
}
