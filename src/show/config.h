/* config.h - a plan for a company's configuration and what became of it, as JSON: of `company plan` and
 * `company apply`, and of the API. The document itself is written by sync/config.h. */
#pragma once
#include "show/show.h"
#include "sync/config.h"

void show_config_plan(struct json_writer *w, const char *key, const struct config *wanted,
                      const struct config_plan *plan);
/* Mappings that were to count: whether they do, and by which run. */
void show_config_activated(struct json_writer *w, const char *key, const struct config_applied *a);
