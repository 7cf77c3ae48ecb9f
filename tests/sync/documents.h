/* documents.h - a company as a document says it (sync/config.h), applied to a bed. */
#pragma once
#include "sync/config.h"
#include "tests/store/bed.h"

extern const char documents_whole[]; /* "nova", with an integration "hr" and a destination "la" */

struct config_options documents_options(struct bed *b); /* of whoever runs the installation */
struct config documents_read(struct bed *b, const char *text);
struct config_applied documents_apply(struct bed *b, const char *text);
struct config_applied documents_apply_with(struct bed *b, const char *text,
                                           const struct config_options *o);
struct rc_error documents_refused(struct bed *b, const char *text, const struct config_options *o);
const char *documents_exported(struct bed *b, const char *key);
