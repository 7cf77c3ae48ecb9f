/* setting_values.h - stored settings of an integration or a destination as its adapter takes them.
 *
 * Memory: values lie in the arena; secrets among them are as plain there as they have to be. */
#pragma once
#include "base/arena.h"
#include "base/setting.h"
#include "base/text.h"

enum { SETTING_VALUES_MAX = 32 };
/* plain, secret: JSON objects, or missing. Beside the settings: the value, else its fallback. */
void setting_values(const struct setting *settings, struct text plain, struct text secret,
                    struct arena *a, const char *ret[SETTING_VALUES_MAX]);

/* From `from` on, the first of the settings whose values in the two objects differ; NULL: there is none. */
const struct setting *setting_changed(const struct setting *from, struct text old, struct text new);
/* Whether one is among them that says whose accounts there are. */
bool setting_tenant_changed(const struct setting *settings, struct text old, struct text new);
