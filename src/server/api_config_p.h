/* api_config_p.h - of server/api_config*.c alone. */
#pragma once
#include "server/api_p.h"
#include "sync/config.h"

/* With the rights of whoever asks. what: for the audit log. */
struct config_options api_config_options(const struct api_call *c, const char *what);
/* The company as it is configured now. */
enum rc_code api_config_now(struct api_call *c, struct config *ret, struct rc_error *err);
/* {integration} or {destination} of it, the second part of the path. */
enum rc_code api_config_part(struct api_call *c, enum config_kind kind, struct config *ret_now,
                             const struct config_object **ret, struct rc_error *err);
/* Of a whole object: in front in its ETag. */
const char *api_config_version(struct api_call *c, const struct config_object *o);
/* ?confirm=KEY: the key again, of what is to be removed. */
enum rc_code api_confirmed(const struct api_call *c, struct text key, const char *consequence,
                           struct rc_error *err);
/* A company of which nothing is said yet. */
/* The answer to a removal: 204, or what is left of it in HR. */
void api_config_removed(struct api_call *c, struct text key, const struct unsubscribed *u);
struct config api_config_empty(const struct api_call *c);
