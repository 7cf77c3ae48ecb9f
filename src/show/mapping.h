/* mapping.h - mappings as JSON: of the commands `mapping ...`, and of the API. */
#pragma once
#include "show/show.h"
#include "store/mapping_text.h"
#include "sync/mapped.h"

/* A line of the list. */
void show_mapping(struct json_writer *w, const char *key, const struct mapping_text *t);
/* The members of the object that is open: "mapping", "state", "text". Number 0: the default, printed. */
void show_mapping_text(struct json_writer *w, const struct mapping_text *t, const struct mapping *m,
                       bool full);
/* Likewise: "keys", "findings", "not_taken". */
void show_mapping_checked(const struct show *s, struct json_writer *w, const struct integration *in,
                          const struct mapped_checked *k);
