/* mapping.h - what the commands about mappings share. */
#pragma once
#include "cmd/cmd.h"
#include "people/mapping.h"
#include "store/integration.h"

/* A number, or "default": 0. False: misused, and it has been said. */
bool mapping_number(struct cmd *c, const char *word, int64_t *ret);
/* "mapping 7", "the default mapping" */
const char *mapping_title(struct cmd *c, int64_t mapping_id);

/* What of a mapping the platforms that the integration feeds cannot take, as they last said: names of
 * fields, with commas. One that was never asked is not among them. */
struct mapping_not_taken {
    const char *destination; /* its key */
    const char *fields;
    bool leave_date; /* is among them */
};
enum rc_code mapping_not_taken(struct cmd *c, const struct integration *in, const struct mapping *m,
                               struct mapping_not_taken **ret, size_t *ret_n);
