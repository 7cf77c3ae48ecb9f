/* deciding_p.h - shared by deciding.c (people) and deciding_team.c. */
#pragma once
#include "sync/deciding.h"

/* NULL: it does not feed the platform. */
const struct deciding_feed *deciding_feed_of(const struct deciding *d, int64_t integration_id);
/* Ours for an account or a team, by its id in HR or its key. */
struct text deciding_external_id(const struct deciding *d, const struct deciding_feed *f,
                                 struct text id, struct arena *a);
/* What a key refers to on the platform; zero: nothing that the directory knows. */
struct decide_ref deciding_team_ref(const struct deciding *d, int64_t integration_id,
                                    struct text key, struct arena *a);
