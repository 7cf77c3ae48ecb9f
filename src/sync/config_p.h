/* config_p.h - of sync/config*.c alone. */
#pragma once
#include "sync/config.h"

/* Where in a document something is being read, for messages. */
struct config_place {
    struct text document; /* the bytes it was parsed from */
    const char *path[8];  /* keys from the outside in, NULL behind the last */
    size_t depth;
    struct arena *arena;
};
/* "integrations.hr.schedule (line 12): ...". RC_INVALID "document". */
enum rc_code config_wrong(const struct config_place *at, struct rc_error *err, const char *fmt, ...)
    RC_PRINTF(3, 4);
bool config_enter(struct config_place *at, const char *key); /* false: too deep */
void config_leave(struct config_place *at);

/* ---- values ---- */
enum rc_code config_take_word(struct config_place *at, json v, size_t most, struct text *ret,
                              struct rc_error *err);
/* A list of different words. */
enum rc_code config_take_words(struct config_place *at, json v, size_t most, const char *what,
                               struct config_texts *ret, struct rc_error *err);
const char *config_word(struct config_place *at, struct text t); /* ends with NUL */
/* What a function below says of the value, at its place. */
enum rc_code config_as_said(struct config_place *at, struct rc_error *err);
/* best: what may have been meant; NULL: nothing is like it. */
enum rc_code config_unknown_key(struct config_place *at, const char *key, const char *best,
                                struct rc_error *err);

/* ---- the company's own members ---- */
#define CONFIG_MEMBER(name)                                                                        \
    void config_put_##name(struct json_writer *w, const char *key, const struct config_object *o); \
    enum rc_code config_take_##name(struct config_place *at, json v, struct config_object *o,      \
                                    struct rc_error *err);                                         \
    void config_copy_##name(struct config_object *to, const struct config_object *from)
CONFIG_MEMBER(name);
CONFIG_MEMBER(zone);
CONFIG_MEMBER(retention);
CONFIG_MEMBER(alerts);
CONFIG_MEMBER(enabled);
#undef CONFIG_MEMBER

/* One line a member: its name in each kind (NULL: it is not there), what it is, and how it is written and
 * read. take() is given what is in the document, and says what is wrong with it. */
struct config_row {
    const char *names[CONFIG_KINDS_N];
    const char *what;
    void (*put)(struct json_writer *w, const char *key, const struct config_object *o);
    enum rc_code (*take)(struct config_place *at, json v, struct config_object *o,
                         struct rc_error *err);
    void (*copy)(struct config_object *to, const struct config_object *from);
    bool fixed; /* once the object is there */
};
extern const struct config_row config_rows[CONFIG_MEMBERS_N];

/* The i-th system that a company may have; NULL: there are no more. all: also those that are off. */
const char *config_offered(const struct company *co, enum config_kind kind, bool all, size_t i);

/* An object as it is before anything is said of it. */
void config_object_init(struct config_object *o, enum config_kind kind, struct text key);
/* By o->in.source or o->p.adapter; false: this program has none of that name. */
bool config_find_settings(struct config_object *o);
/* Opens the adapter once, so that a setting that makes no sense is refused now and not at night. Secrets are
 * not looked at. */
enum rc_code config_try(const struct config_object *o, const struct clock_source *clock,
                        struct arena *a, struct rc_error *err);
