/* cmd.h - the command line: one line a command, one file a noun.
 *
 * Contract (docs/command-line.md, held by tests/system): names, exit codes and the shapes of
 * --json.
 *         With --json, standard output is exactly one JSON object, on errors
 *         {"error":{"name","code","text"}}.
 * Exit:   0 ok, 1 failed, 2 misused, 3 held: a person is asked. */
#pragma once
#include <stdio.h>
#include "base/clock.h"
#include "json/json.h"
#include "secret/secret.h"
#include "store/company.h"
#include "store/integration.h"
#include "store/directory.h"
#include "store/run.h"
#include "show/show.h"

enum cmd_exit { CMD_OK = 0, CMD_FAILED = 1, CMD_MISUSED = 2, CMD_HELD = 3 };

struct cmd {
    const char *where, *key_file; /* where may be NULL: not said */
    bool json;
    bool log_level_given;
    const struct clock_source *clock;
    struct arena arena; /* of the whole command */
    struct arena words; /* what cmd_str() and its like give out; long lists reset it now and then */
    struct store *store; /* opened on demand */
    struct secret_key *key;
    struct rc_error err;
    const struct cmd_entry *entry;
};

struct cmd_entry {
    const char *noun, *verb; /* verb "" when the noun alone is the command */
    enum cmd_exit (*fn)(struct cmd *c, int argc, char **argv); /* argv[0] is the verb */
    const char *arguments, *help;
    void (*more_help)(void); /* tables that belong below the options; may be NULL */
};
extern const struct cmd_entry cmd_entries[];
extern const size_t cmd_entries_n;

/* ---- options: each command has a table of its own ---- */
struct cmd_option {
    const char *name; /* without dashes; NULL ends the table */
    /* What its value is, "TEXT"; NULL: it takes none; "[FILE]": it may go without, and is "" then. A
     * word behind it is its value once the command has the arguments that it needs. */
    const char *takes;
    const char *help;      /* one line */
    const char **value;    /* one value (the flag's is "1") */
    struct cmd_list *list; /* or many */
};
struct cmd_list {
    const char *items[64];
    size_t n;
};
/* Positional arguments go to ret_args, exactly want of them (want_min..want_max). False: misused,
 * and it has been said. */
bool cmd_parse(struct cmd *c, int argc, char **argv, const struct cmd_option *options,
               size_t want_min, size_t want_max, const char **ret_args);

/* True when word is like what was typed, and more so than the best so far (SIZE_MAX: none), which
 * is then replaced. */
bool cmd_is_nearer(const char *typed, const char *word, size_t *best);

/* ---- opening ---- */
/* owner.c: whether this user is the one to open it. RC_AUTH "db.owner". */
enum rc_code cmd_check_owner(struct cmd *c, const char *where);
const char *cmd_user(struct cmd *c, unsigned long uid); /* "rollcall", or "user 995" */
enum rc_code cmd_open(struct cmd *c);                   /* the store */
enum rc_code cmd_named(struct cmd *c);                  /* only whether it is said where it is */
enum rc_code cmd_open_key(struct cmd *c);               /* and the installation's key */
/* The first company of a database makes the installation's key, if there is none yet. Later ones
 * must find it. */
enum rc_code cmd_open_or_make_key(struct cmd *c);
const char *cmd_key_file(struct cmd *c); /* NULL: none is named, and err says what to do */
/* "COMPANY/REST" */
enum rc_code cmd_company_of(struct cmd *c, const char *ref, struct company *ret,
                            const char **ret_rest);
/* Opens the store: the company of that key, or all where it is NULL. */
enum rc_code cmd_companies(struct cmd *c, const char *key, struct company **ret, size_t *ret_n);
enum rc_code cmd_integration_of(struct cmd *c, const char *ref, bool with_secrets,
                                struct company *ret, struct integration *ret_in);
enum rc_code cmd_run_of(struct cmd *c, const char *ref, struct company *ret, int64_t *ret_run_id);
const char *cmd_who(struct cmd *c);

/* ---- answers ---- */
enum cmd_exit cmd_fail(struct cmd *c, enum rc_code rc); /* prints c->err */
/* One failure among several things that were tried: as the member "error", or on standard error, "of" naming what it
 * is of. */
void cmd_put_error(struct json_writer *w, enum rc_code rc, const struct rc_error *err);
void cmd_say_error(const char *of, const struct rc_error *err);
enum cmd_exit cmd_misused(struct cmd *c, const char *fmt, ...) RC_PRINTF(2, 3);
const char *cmd_str(struct cmd *c,
                    struct text t); /* "" for no text; printable: control characters are replaced */
/* The same, filled with blanks to so many columns of a terminal. */
const char *cmd_cell(struct cmd *c, struct text t, size_t columns);
/* What is wrong with a webhook in HR, and what is safe to do about it; nothing where nothing is. */
void cmd_print_webhook(struct cmd *c, const char *company, const char *integration,
                       const struct hook_standing *h);
/* What a removal could not take away elsewhere, on standard error. */
void cmd_print_left(const char *const *left, size_t n);
/* A sentence over as many lines as it takes, each behind the indent. */
void cmd_wrap(struct cmd *c, const char *indent, struct text t);
const char *cmd_count(struct cmd *c, int64_t n);  /* 12,345 */
const char *cmd_people(struct cmd *c, int64_t n); /* "1 person", "12,345 people" */
/* The text of a file, "-" for standard input; longer than `most` bytes it is refused by that name, as what it is
 * ("a mapping"). */
enum rc_code cmd_file(struct cmd *c, const char *path, int most, const char *refusal,
                      const char *what, struct text *ret);
const char *cmd_when(struct cmd *c, int64_t at_us); /* "2026-11-23 09:15 UTC", "never" for 0 */
bool cmd_colour(void);                              /* standard output is a terminal */

struct show cmd_show(struct cmd *c); /* once the store is open */
struct cmd_json {                    /* one object on standard output */
    struct buf buf;
    struct json_writer w;
};
void cmd_json_begin(struct cmd_json *j);
/* Long lists: what has gathered goes out when it is much. */
void cmd_json_flush(struct cmd_json *j);
void cmd_json_end(struct cmd_json *j);
/* The end of what went well; of what did not, nothing more is printed. */
void cmd_json_finish(struct cmd_json *j, enum rc_code rc);

/* A command that lists something of each company, or of the one that is named: line by line, or as one list of that name in
 * JSON. fn() does so for one company. */
typedef enum rc_code cmd_list_fn(struct cmd *c, const struct company *co, const void *self,
                                 struct cmd_json *j);
enum cmd_exit cmd_list(struct cmd *c, int argc, char **argv, const struct cmd_option *options,
                       const char *name, cmd_list_fn *fn, const void *self);

/* ---- what a run did, on one screen ---- */
/* In numbers; cmd_summary() adds the first changes, and what to do next. */
void cmd_summary_head(struct cmd *c, const struct company *co, const struct integration *in,
                      const struct run *r);
void cmd_summary_next(struct cmd *c, const struct company *co, const struct run *r);
void cmd_summary(struct cmd *c, const struct company *co, const struct integration *in,
                 const struct run *r);
/* What to find out before somebody decides on a run like this; NULL: nothing in particular. */
const char *cmd_ask_first(const struct run *r);
/* Its parts besides: the numbers, and what can be decided. */
void cmd_summary_rows(struct cmd *c, const struct run *r);
void cmd_summary_decide(struct cmd *c, const struct company *co, const struct run *r);
enum cmd_exit cmd_run_exit(const struct run *r);

/* ---- commands ---- */
enum cmd_exit cmd_backup(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_restore(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_add(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_set(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_suspend(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_resume(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_remove(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_export(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_plan(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_company_apply(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_integration_add(struct cmd *c, int argc, char **argv);
void cmd_integration_help(void);
enum cmd_exit cmd_integration_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_integration_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_integration_check(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_integration_set(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_integration_webhook(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_integration_privacy(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_integration_remove(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_destination_add(struct cmd *c, int argc, char **argv);
void cmd_destination_help(void);
enum cmd_exit cmd_destination_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_destination_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_destination_check(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_destination_set(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_destination_pause(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_destination_resume(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_destination_remove(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_policy_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_policy_set(struct cmd *c, int argc, char **argv);
void cmd_policy_help(void);
enum cmd_exit cmd_accounts_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_accounts_link(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_accounts_unlink(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_accounts_ignore(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_accounts_close(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_conflict_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_conflict_resolve(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_calendar(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_import(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_deliver(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_invite(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_undo(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_pin_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_pin_release(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_sync(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_check(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_draft(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_diff(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_try(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_activate(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_mapping_discard(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_run_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_run_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_run_approve(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_run_reject(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_run_simulate(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_guard_drill(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_people_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_people_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_people_why(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_people_history(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_people_export(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_people_erase(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_people_receipts(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_problems_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_token_add(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_token_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_token_revoke(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_audit_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_key_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_key_rotate(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_retention_show(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_retention_set(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_retention_apply(struct cmd *c, int argc, char **argv);
void cmd_retention_help(void);
enum cmd_exit cmd_alert_list(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_alert_set(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_alert_mute(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_alert_test(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_serve(struct cmd *c, int argc, char **argv);
enum cmd_exit cmd_status(struct cmd *c, int argc, char **argv);
