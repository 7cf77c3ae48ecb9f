/* mapping.h - what the commands about mappings share. */
#pragma once
#include "cmd/cmd.h"
#include "people/mapping.h"
#include "store/integration.h"

/* A number, or "default": 0. False: misused, and it has been said. */
bool mapping_number(struct cmd *c, const char *word, int64_t *ret);
/* "mapping 7", "the default mapping" */
const char *mapping_title(struct cmd *c, int64_t mapping_id);
