/* maps.h - mappings of a company whose HR system a test writes down (tests/sync/world.h). */
#pragma once
#include "sync/mapped.h"
#include "tests/sync/world.h"

const struct mapping *maps_parsed(struct world *w, const char *text);
int64_t maps_draft(struct world *w, const char *text);
struct integration maps_integration(struct world *w); /* as the database has it */
/* An hour later. */
enum rc_code maps_activate(struct world *w, int64_t id, bool preview, struct run *ret);
struct run maps_activated(struct world *w, int64_t id); /* no error */
