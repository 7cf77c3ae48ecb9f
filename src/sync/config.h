/* config.h - a company's configuration as one document, what another document would change, and changing it.
 *
 * Shape:  {"company": KEY, "version": V, members of the company, "integrations": {KEY: {...}},
 *         "destinations": {KEY: {...}}}. Which members there are is one table (config_members.c), by which
 *         they are read, written, compared and kept: for the document, the command line and the API.
 *         A member that is not in a document stays as it is; one that is there counts whole, so that in
 *         "settings" or "policy" what is not named is as usual. An integration or destination that is not
 *         in it stays, unless it is among those to be removed. Credentials are never in it: only whether
 *         they are set. Nor is what happens to be so (pauses, runs, accounts, tokens), nor the prefix of
 *         external ids: two installations must never take each other's accounts for their own.
 *         The version is a digest of all that is in the document, credentials aside: the same
 *         configuration, the same version, on any installation.
 * Memory: everything lies in the arena.
 * Errors: RC_INVALID "document" with path and line, and what was probably meant; RC_CONFLICT
 *         "document.version", "document.fixed", "mapping.team", "source.off", "destination.off",
 *         "company.uses"; RC_INVALID "account.confirm": whose accounts would be looked after no more;
 *         RC_AUTH "token.rights": what is enabled is the operator's. */
#pragma once
#include "base/clock.h"
#include "destination/destination.h"
#include "source/source.h"
#include "store/company.h"
#include "store/integration.h"
#include "store/platform.h"
#include "store/retention.h"
#include "store/run.h"
#include "sync/unfed.h"
#include "sync/unsubscribe.h"

enum { CONFIG_BYTES = 4 << 20, CONFIG_VERSION_BYTES = 33, CONFIG_OBJECTS_MOST = 200 };

enum config_kind { CONFIG_COMPANY = 0, CONFIG_INTEGRATION, CONFIG_DESTINATION, CONFIG_KINDS_N };
enum config_member {
    CONFIG_NAME = 0,
    CONFIG_ZONE,
    CONFIG_RETENTION,
    CONFIG_ALERTS,
    CONFIG_ENABLED, /* the sources and destinations that a company may have: the operator's to say */
    CONFIG_ADAPTER, /* "source" of an integration */
    CONFIG_TEAM,
    CONFIG_SCHEDULE,
    CONFIG_FEEDS,
    CONFIG_SETTINGS,
    CONFIG_CREDENTIALS, /* whether they are set: told, never taken */
    CONFIG_POLICY,
    CONFIG_LIMITS,
    CONFIG_MAPPING,
    CONFIG_MEMBERS_N
};

struct config_texts {
    struct text *list;
    size_t n;
};
/* A company's own members, an integration, or a destination. */
struct config_object {
    enum config_kind kind;
    struct text key;
    unsigned said; /* 1u << enum config_member: what a document has; of what is kept, all */
    struct company company;
    struct retention retention;
    struct config_texts alerts;
    struct integration in;
    struct text mapping; /* the active text of its own; not set: the default counts */
    struct platform p;
    struct config_texts feeds; /* keys */
    const struct setting *settings;
    bool forgets;  /* planned: its credentials, which would be sent to somebody else now */
    unsigned line; /* in the document; 0: in none */
};
struct config {
    char version[CONFIG_VERSION_BYTES]; /* "" when the document does not say */
    struct config_object company;
    struct config_object *integrations, *destinations;
    size_t integrations_n, destinations_n;
};

/* ---- what is kept, and as a document ---- */

enum rc_code config_load(struct store *st, const struct company *co, struct arena *a,
                         struct config *ret, struct rc_error *err);
/* Several lines, the same for the same configuration. */
void config_write(const struct config *c, struct buf *ret);
/* The object that is open gets its members. */
void config_put(struct json_writer *w, const struct config *c);
/* Reads any document, also one for a company that there is not. */
enum rc_code config_read(struct text document, struct arena *a, struct config *ret,
                         struct rc_error *err);
/* Of one integration or destination, as in the document; settings: of the one that is there, NULL for a new
 * one. `text`: the bytes that doc was parsed from. */
enum rc_code config_read_object(enum config_kind kind, const char *key, struct text text, json doc,
                                const struct setting *settings, struct arena *a,
                                struct config_object *ret, struct rc_error *err);

/* A digest of one object's members, credentials aside. */
void config_object_version(const struct config_object *o, char ret[CONFIG_VERSION_BYTES]);
const struct config_object *config_find(const struct config *c, enum config_kind kind,
                                        struct text key); /* NULL is an answer */
/* NULL: objects of that kind have it not. */
const char *config_member_name(enum config_kind kind, enum config_member m);
/* Its value as compact JSON. */
struct text config_value(const struct config_object *o, enum config_member m, struct arena *a);

/* Whether the company may have it. */
bool config_is_on(const struct company *co, enum config_kind kind, struct text adapter);
/* RC_CONFLICT "source.off", "destination.off" with what is offered instead. */
enum rc_code config_check_on(const struct company *co, enum config_kind kind, struct text adapter,
                             struct rc_error *err);

/* ---- what would change ---- */

enum config_act { CONFIG_ADD = 0, CONFIG_CHANGE, CONFIG_REMOVE, CONFIG_STAYS };
const char *config_act_name(enum config_act act); /* "add", "change", "remove", "stays" */
struct config_step {
    enum config_kind kind;
    enum config_act act;
    struct text key; /* of the integration or destination */
    enum config_member member;
    const char *path;     /* "integrations.hr.schedule" */
    struct text old, new; /* JSON; missing: there is none */
    const char *follows;  /* what comes of it, in a sentence; NULL: nothing in particular */
    int64_t people;       /* -1: not counted */
    /* of "feeds": whom nobody would look after any more; NULL: nobody */
    const struct unfed *unfed;
    /* what is to be confirmed, "la=27"; of a removal, its key again; NULL: nothing */
    const char *confirm;
};
struct config_plan {
    bool makes_company;
    bool stale;        /* the document says another version than the company has */
    struct config now; /* empty for a company that there is not */
    struct config_step *steps;
    size_t steps_n, changes_n; /* changes_n: but those that stay */
    const char **todo;         /* what is left to be done by hand */
    size_t todo_n;
};
struct config_removal {
    enum config_kind kind;
    const char *key;
};
struct config_options {
    const struct config_removal *removes;
    size_t removes_n;
    const char *const *confirms; /* "la=27": so many there are looked after no more, yes */
    size_t confirms_n;
    const char *confirm_by; /* where they are said, for messages: "--confirm"; NULL: "confirm" */
    bool anyway;            /* although the company is of another version than the document was */
    bool asks;     /* platforms what they can do, HR which attributes there are: to say more */
    bool operates; /* for whoever runs the installation, who may say what is enabled */
    bool remote;   /* asked for over the network: credentials are never sent to another address */
    bool creates;  /* a company that there is not may be made */
    const struct secret_key *key; /* may be NULL: nobody is counted */
    const struct clock_source *clock;
    const char *who, *what; /* for the audit */
};
/* Changes nothing. What of wanted is not said is filled in from what is kept. */
enum rc_code config_plan(struct store *st, struct config *wanted, const struct config_options *o,
                         struct arena *a, struct config_plan *ret, struct rc_error *err);

/* ---- changing it ---- */

struct config_activated {
    struct text key;
    int64_t mapping_id; /* 0: the default */
    struct run run;     /* run_id 0: it counts at once, or it never began */
    enum rc_code rc; /* not RC_OK: the draft is there, and why it does not count yet is in text */
    const char *text;
};
struct config_applied {
    struct config_plan plan; /* as it was carried out */
    struct config_activated *mappings;
    size_t mappings_n;
    struct unsubscribed webhooks; /* of integrations that are removed: what is left of them in HR */
};
/* All of it or nothing, in one transaction with its entry in the audit log. Refused while
 * something of the plan is to be confirmed and is not; that what is removed is meant has been asked before. Then
 * mappings that are to count are activated one by one, each as by sync/mapped.h: guarded, and it may be held. */
enum rc_code config_apply(struct store *st, struct config *wanted, const struct config_options *o,
                          struct arena *a, struct config_applied *ret, struct rc_error *err);
/* Credentials of an integration or destination by their names, {"client-secret": "..."}; those that are not
 * given stay. o->key is there. The record says that they were set, and nothing of them. RC_INVALID "setting". */
enum rc_code config_credentials(struct store *st, const struct company *co, enum config_kind kind,
                                const char *key, json given, const struct config_options *o,
                                struct arena *a, struct rc_error *err);
