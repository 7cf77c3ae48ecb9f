/* source_p.h - what the members of this family share, and nobody else needs. */
#pragma once
#include "source/source.h"

extern const struct source_ops personio_source_ops;
extern const struct source_ops csv_source_ops;

/* As base/setting.h says. */
const char *source_value(const struct source_config *c, const char *key);
enum rc_code source_value_int(const struct source_config *c, const char *key, int64_t least,
                              int64_t most, int64_t *ret, struct rc_error *err);

/* What a source without the ability says. */
enum rc_code source_cannot(const struct source *s, const char *what, struct rc_error *err);

void source_find_add(struct source_check *c, struct arena *a, enum finding_level level,
                     const char *name, const char *fmt, ...) RC_PRINTF(5, 6);
/* Sorts the keys by bytes, labels beside them, and drops repeated ones. */
void source_rights_sort(struct source_rights *r);
bool source_rights_have(const struct source_rights *r, const char *key);
