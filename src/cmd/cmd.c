#include "cmd/key.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct cmd_entry cmd_entries[] = {
    { "company", "add", cmd_company_add, "KEY [--name NAME] [--zone ZONE]", "a new company" },
    { "company", "list", cmd_company_list, "", "all companies" },
    { "company", "show", cmd_company_show, "KEY", "one company" },
    { "company", "set", cmd_company_set, "KEY [--sources NAMES] [--destinations NAMES] ...",
      "its name, its zone, and what it may connect" },
    { "company", "suspend", cmd_company_suspend, "KEY [--because TEXT]",
      "read and deliver nothing for it for now" },
    { "company", "resume", cmd_company_resume, "KEY", "and again" },
    { "company", "remove", cmd_company_remove, "KEY --confirm KEY",
      "away, with everybody and everything; accounts on platforms stay as they are" },
    { "company", "export", cmd_company_export, "KEY",
      "its whole configuration as one document, without credentials" },
    { "company", "plan", cmd_company_plan, "FILE [--remove KIND/KEY]...",
      "what a document would change; changes nothing" },
    { "company", "apply", cmd_company_apply,
      "FILE [--remove KIND/KEY --confirm KEY]... [--confirm KEY=N]... [--anyway]",
      "make it so, all or nothing" },
    { "integration", "add", cmd_integration_add, "COMPANY/KEY --source NAME ...",
      "connect a company to its HR system", cmd_integration_help },
    { "integration", "list", cmd_integration_list, "[COMPANY]", "all integrations" },
    { "integration", "show", cmd_integration_show, "COMPANY/KEY", "settings, without secrets" },
    { "integration", "check", cmd_integration_check, "COMPANY/KEY [--record DIR]",
      "try everything an import needs; changes nothing" },
    { "integration", "set", cmd_integration_set, "COMPANY/KEY ...", "change settings",
      cmd_integration_help },
    { "integration", "webhook", cmd_integration_webhook, "show|renew|remove COMPANY/KEY",
      "where HR tells that something has changed" },
    { "integration", "privacy", cmd_integration_privacy, "COMPANY/KEY",
      "a sheet: what is read of people, what for, where it goes, how long" },
    { "integration", "remove", cmd_integration_remove, "COMPANY/KEY --confirm KEY",
      "away, with everybody known through it" },
    { "destination", "add", cmd_destination_add, "COMPANY/KEY PLATFORM [--feed KEY] ...",
      "connect a company to its learning platform", cmd_destination_help },
    { "destination", "list", cmd_destination_list, "[COMPANY]", "all destinations" },
    { "destination", "show", cmd_destination_show, "COMPANY/KEY", "settings, without secrets" },
    { "destination", "check", cmd_destination_check, "COMPANY/KEY",
      "try everything a delivery needs; changes nothing" },
    { "destination", "set", cmd_destination_set, "COMPANY/KEY ...", "change settings",
      cmd_destination_help },
    { "destination", "pause", cmd_destination_pause, "COMPANY/KEY [--because TEXT]",
      "send nothing to it for now" },
    { "destination", "resume", cmd_destination_resume, "COMPANY/KEY", "and again" },
    { "destination", "remove", cmd_destination_remove, "COMPANY/KEY --confirm KEY",
      "away; accounts there stay as they are" },
    { "policy", "show", cmd_policy_show, "COMPANY/DESTINATION",
      "who is invited, linked, closed, and when" },
    { "policy", "set", cmd_policy_set, "COMPANY/DESTINATION NAME=VALUE... [--preview]",
      "change that, and see whom it concerns", cmd_policy_help },
    { "accounts", "list", cmd_accounts_list,
      "COMPANY/DESTINATION [--unmatched|--asks|--waits|--left]",
      "the platform's accounts, and who has none" },
    { "accounts", "link", cmd_accounts_link, "COMPANY/DESTINATION ACCOUNT PERSON [--confirm]",
      "an account of nobody is this person's" },
    { "accounts", "unlink", cmd_accounts_unlink, "COMPANY/DESTINATION ACCOUNT",
      "it is not, and is left alone" },
    { "accounts", "ignore", cmd_accounts_ignore, "COMPANY/DESTINATION ACCOUNT... [--no-longer]",
      "leave accounts alone, whatever HR says" },
    { "accounts", "close", cmd_accounts_close, "COMPANY/DESTINATION ACCOUNT... --confirm N",
      "deactivate accounts of nobody, at once" },
    { "conflict", "list", cmd_conflict_list, "COMPANY/DESTINATION",
      "whose account needs an answer, or which team" },
    { "conflict", "resolve", cmd_conflict_resolve,
      "COMPANY/DESTINATION PERSON approve|link [ID]|create|ignore [--team]", "answer it" },
    { "calendar", "", cmd_calendar, "COMPANY/DESTINATION [--days N]",
      "what is due on which day, and for whom" },
    { "import", "", cmd_import, "COMPANY/KEY [--preview] [--person ID]",
      "read people from HR into the directory" },
    { "deliver", "", cmd_deliver, "COMPANY/DESTINATION [--preview] [--inventory]",
      "bring the platform's accounts in step with the directory" },
    { "invite", "", cmd_invite, "COMPANY/DESTINATION PERSON...|--team TEAM|--all [--on DATE]",
      "the word for invitations that wait for one" },
    { "undo", "", cmd_undo, "COMPANY/RUN [--preview]",
      "take back what a delivery did, once somebody approves it" },
    { "pin", "list", cmd_pin_list, "COMPANY/DESTINATION", "what was undone, and stays so" },
    { "pin", "release", cmd_pin_release, "COMPANY/DESTINATION PERSON [FIELD] [--team]",
      "let go of it: HR counts again" },
    { "sync", "", cmd_sync, "COMPANY/KEY [--preview]", "import, and deliver to what it feeds" },
    { "mapping", "list", cmd_mapping_list, "COMPANY/KEY",
      "drafts, the active one, those that were" },
    { "mapping", "show", cmd_mapping_show, "COMPANY/KEY [NUMBER|default]", "its text" },
    { "mapping", "check", cmd_mapping_check, "COMPANY/KEY [NUMBER|default] [--file FILE]",
      "is there anything wrong with it?" },
    { "mapping", "draft", cmd_mapping_draft, "COMPANY/KEY --file FILE",
      "check and save a new one" },
    { "mapping", "diff", cmd_mapping_diff, "COMPANY/KEY [FROM] TO", "what differs, by field" },
    { "mapping", "try", cmd_mapping_try, "COMPANY/KEY NUMBER --all|--person ID",
      "what it would make of people; changes nothing" },
    { "mapping", "activate", cmd_mapping_activate, "COMPANY/KEY NUMBER|default [--preview]",
      "make it count, guarded like an import" },
    { "mapping", "discard", cmd_mapping_discard, "COMPANY/KEY NUMBER", "throw a draft away" },
    { "run", "list", cmd_run_list, "COMPANY[/KEY]", "what has run, newest first" },
    { "run", "show", cmd_run_show, "COMPANY/RUN [--all] [--csv [FILE|-]]",
      "what a run did, or would do, and why" },
    { "run", "approve", cmd_run_approve, "COMPANY/RUN --reason TEXT",
      "apply a held or previewed run" },
    { "run", "reject", cmd_run_reject, "COMPANY/RUN --reason TEXT", "never apply it" },
    { "run", "simulate", cmd_run_simulate, "COMPANY/KEY [--limits JSON] [--days N]",
      "the guard's verdicts of late with other limits" },
    { "guard", "drill", cmd_guard_drill, "COMPANY/KEY",
      "what would have stopped a disaster; changes nothing" },
    { "people", "list", cmd_people_list, "COMPANY [--run N] ...", "everybody in the directory" },
    { "people", "show", cmd_people_show, "COMPANY/PERSON", "one person, by HR id or e-mail" },
    { "people", "history", cmd_people_history, "COMPANY/PERSON",
      "what became of somebody, and who approved it" },
    { "people", "export", cmd_people_export, "COMPANY [--csv [learnamp]] [--to FILE]",
      "everybody, as a table or as JSON" },
    { "people", "why", cmd_people_why, "COMPANY/PERSON",
      "why somebody is as they are, and what is waited for" },
    { "people", "erase", cmd_people_erase, "COMPANY/PERSON --reason TEXT [--yes]",
      "forget somebody who is gone from HR, with a receipt" },
    { "people", "receipts", cmd_people_receipts, "COMPANY", "who asked for what to be forgotten" },
    { "problems", "list", cmd_problems_list, "COMPANY[/KEY] [--csv [FILE|-]]",
      "what is wrong in HR's data, and what to do" },
    { "status", "", cmd_status, "[COMPANY]", "is all well?" },
    { "token", "add", cmd_token_add, "[COMPANY] --name NAME [--right RIGHT]",
      "a key to the API; shown once" },
    { "token", "list", cmd_token_list, "[COMPANY]", "who may use the API, and who did" },
    { "token", "revoke", cmd_token_revoke, "[COMPANY] TOKEN", "no longer" },
    { "audit", "list", cmd_audit_list, "COMPANY [--limit N]", "who did what, newest first" },
    { "retention", "show", cmd_retention_show, "COMPANY",
      "how long what is no longer needed is kept" },
    { "retention", "set", cmd_retention_set, "COMPANY NAME=DAYS...", "change that",
      cmd_retention_help },
    { "retention", "apply", cmd_retention_apply, "COMPANY",
      "take away now what is due; serve does it every night" },
    { "key", "show", cmd_key_show, "", "which key seals the stored secrets" },
    { "key", "rotate", cmd_key_rotate, "[--new FILE] [--lost]",
      "seal them anew under another one, also while serve runs" },
    { "backup", "", cmd_backup, "FILE [--replace]",
      "the database as one file, also while rollcall runs" },
    { "restore", "", cmd_restore, "FILE --to DATABASE [--replace]",
      "put a backup back, so that nothing is sent twice" },
    { "alert", "list", cmd_alert_list, "[COMPANY] [--all]",
      "what people are told of by e-mail, and what became of it" },
    { "alert", "set", cmd_alert_set, "COMPANY [--to ADDRESS]...", "whom a company has told" },
    { "alert", "mute", cmd_alert_mute, "COMPANY/KEY CAUSE --days N",
      "tell nobody of it for so long" },
    { "alert", "test", cmd_alert_test, "--to ADDRESS",
      "send a mail, and print what the server says" },
    { "serve", "", cmd_serve, "[--listen HOST:PORT] [--workers N] [--smtp URL]",
      "keep companies in step by itself, on their schedules" },
};
const size_t cmd_entries_n = RC_LEN(cmd_entries);

/* ---- what was meant ---- */

enum { WORD_MOST = 40 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* How many letters have to be put in, left out or exchanged. */
static size_t distance(const char *a, const char *b) {
    size_t row[WORD_MOST + 1], n = strlen(b);
    if (n > WORD_MOST || strlen(a) > WORD_MOST)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t same = corner + (a[i] != b[j]);
            corner = row[j + 1];
            row[j + 1] = least(same, least(row[j], corner) + 1);
        }
    }
    return row[n];
}

bool cmd_is_nearer(const char *typed, const char *word, size_t *best) {
    size_t d = distance(typed, word);
    if (d >= *best || d > 1 + strlen(typed) / 4)
        return false;
    *best = d;
    return true;
}

static const char *nearest_option(const struct cmd_option *options, const char *typed) {
    const char *found = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; options[i].name != NULL; i++)
        if (cmd_is_nearer(typed, options[i].name, &best))
            found = options[i].name;
    return found;
}

/* ---- options ---- */

static bool unknown_option(struct cmd *c, const struct cmd_option *options, const char *typed) {
    static const char *const global[] = { "database", "json", "log" };
    size_t dashes = strspn(typed, "-"), len = strcspn(typed + dashes, "=");
    const char *name = arena_str(&c->arena, typed + dashes, len),
               *meant = nearest_option(options, name);
    const char *noun = c->entry->noun, *verb = c->entry->verb, *space = *verb != '\0' ? " " : "";
    for (size_t i = 0; i < RC_LEN(global); i++)
        if (strcmp(name, global[i]) == 0) {
            cmd_misused(c, "--%s stands before the command: rollcall --%s ... %s%s%s", name, name,
                        noun, space, verb);
            return false;
        }
    if (meant != NULL)
        cmd_misused(c, "%.60s is no option of %s%s%s; did you mean --%s?", typed, noun, space, verb,
                    meant);
    else
        cmd_misused(c, "%.60s is no option of %s%s%s; see rollcall %s%s%s --help", typed, noun,
                    space, verb, noun, space, verb);
    return false;
}

static bool take_option(struct cmd *c, const struct cmd_option *o, const char *value) {
    if (o->list == NULL) {
        *o->value = value != NULL ? value : "1";
        return true;
    }
    if (o->list->n == RC_LEN(o->list->items)) {
        cmd_misused(c, "--%s is given too often", o->name);
        return false;
    }
    o->list->items[o->list->n++] = value;
    return true;
}

enum {
    ARGUMENT = 1,
    OPTION = 2
}; /* what getopt returns: 1 is its own for words that are no option */

static void help(struct cmd *c, const struct cmd_option *options) {
    printf("usage: rollcall %s%s%s %s\n%s\n", c->entry->noun, *c->entry->verb ? " " : "",
           c->entry->verb, c->entry->arguments, c->entry->help);
    for (size_t i = 0; options[i].name != NULL; i++) {
        char head[64];
        snprintf(head, sizeof head, "--%s %s", options[i].name,
                 options[i].takes != NULL ? options[i].takes : "");
        printf("  %-28s %s\n", head, options[i].help);
    }
    if (c->entry->more_help != NULL)
        c->entry->more_help();
}

/* Getopt's options of a table; returns how many, with --help behind them. */
static size_t long_options(const struct cmd_option *options, struct option *ret, size_t most) {
    size_t n = 0;
    for (; options[n].name != NULL && n + 2 < most; n++) {
        const char *takes = options[n].takes;
        int has = takes == NULL     ? no_argument
                  : takes[0] == '[' ? optional_argument
                                    : required_argument;
        ret[n] = (struct option){ options[n].name, has, NULL, OPTION };
    }
    ret[n] = (struct option){ "help", no_argument, NULL, 'h' };
    return n + 1;
}

/* The value of an option that may go without: the next word, unless it is an option itself, or an
 * argument that the command still waits for. */
static const char *optional_value(int argc, char **argv, size_t args, size_t want_min) {
    if (optarg != NULL)
        return optarg;
    if (args < want_min || optind >= argc || (argv[optind][0] == '-' && argv[optind][1] != '\0'))
        return "";
    return argv[optind++];
}

static bool wrong_number(struct cmd *c) {
    cmd_misused(c, "usage: rollcall %s%s%s %s", c->entry->noun, *c->entry->verb ? " " : "",
                c->entry->verb, c->entry->arguments);
    return false;
}

bool cmd_parse(struct cmd *c, int argc, char **argv, const struct cmd_option *options,
               size_t want_min, size_t want_max, const char **ret_args) {
    struct option longs[24] = { 0 };
    size_t args = 0;
    int o, index = 0;
    long_options(options, longs, RC_LEN(longs));
    optind = 0; /* begin again, as glibc wants it */
    opterr = 0;
    while ((o = getopt_long(argc, argv, "-:", longs, &index)) != -1) {
        if (o == 'h') {
            help(c, options);
            exit(CMD_OK);
        }
        if (o == ':') {
            cmd_misused(c, "%.60s lacks its value; see rollcall %s%s%s --help", argv[optind - 1],
                        c->entry->noun, *c->entry->verb ? " " : "", c->entry->verb);
            return false;
        }
        if (o == ARGUMENT) {
            if (args == want_max)
                return wrong_number(c);
            ret_args[args++] = optarg;
            continue;
        }
        if (o != OPTION)
            return unknown_option(c, options, argv[optind - 1]);
        bool may = options[index].takes != NULL && options[index].takes[0] == '[';
        const char *value = may ? optional_value(argc, argv, args, want_min) : optarg;
        if (!take_option(c, &options[index], value))
            return false;
    }
    for (; optind < argc; optind++) { /* behind -- */
        if (args == want_max)
            return wrong_number(c);
        ret_args[args++] = argv[optind];
    }
    return args >= want_min || wrong_number(c);
}

/* ---- opening ---- */

enum rc_code cmd_named(struct cmd *c) {
    if (c->where != NULL && *c->where != '\0')
        return RC_OK;
    return rc_fail_as(
        &c->err, RC_INVALID, "database.unnamed",
        "say where the database is: --database FILE (or postgres://...), or ROLLCALL_DATABASE");
}

enum rc_code cmd_open(struct cmd *c) {
    if (c->store != NULL)
        return RC_OK;
    if (cmd_named(c) != RC_OK)
        return c->err.code;
    if (cmd_check_owner(c, c->where) != RC_OK)
        return c->err.code;
    secret_ready(); /* the database's client may encrypt, and importing does */
    return store_open(c->where, &c->store, &c->err);
}

const char *cmd_key_file(struct cmd *c) {
    if (c->key_file != NULL && *c->key_file != '\0')
        return c->key_file;
    if (c->where != NULL && strncmp(c->where, "postgres", 8) != 0)
        return arena_printf(&c->arena, "%s.key", c->where);
    rc_fail_as(&c->err, RC_INVALID, "secret.key",
               "say where the installation's key is: ROLLCALL_KEY_FILE");
    return NULL;
}

enum rc_code cmd_open_key(struct cmd *c) {
    enum rc_code rc = cmd_open(c);
    if (rc != RC_OK || c->key != NULL)
        return rc;
    struct cmd_key_source from;
    rc = cmd_key_source(c, &from);
    return rc != RC_OK ? rc : cmd_key_read(&from, c->store, &c->key, &c->err);
}

enum rc_code cmd_company_of(struct cmd *c, const char *ref, struct company *ret,
                            const char **ret_rest) {
    const char *slash = strchr(ref, '/');
    enum rc_code rc = cmd_open(c);
    if (rc != RC_OK)
        return rc;
    if (ret_rest == NULL)
        return company_find(c->store, ref, &c->arena, ret, &c->err);
    if (slash == NULL || slash[1] == '\0')
        return rc_fail_as(&c->err, RC_INVALID, "reference",
                          "\"%.60s\" lacks what stands behind the company: write COMPANY/...", ref);
    *ret_rest = slash + 1;
    return company_find(c->store, arena_str(&c->arena, ref, (size_t)(slash - ref)), &c->arena, ret,
                        &c->err);
}

enum rc_code cmd_companies(struct cmd *c, const char *key, struct company **ret, size_t *ret_n) {
    enum rc_code rc = cmd_open(c);
    if (rc != RC_OK)
        return rc;
    if (key == NULL)
        return company_list(c->store, &c->arena, ret, ret_n, &c->err);
    *ret = ARENA_NEW(&c->arena, struct company, 1);
    *ret_n = 1;
    return cmd_company_of(c, key, *ret, NULL);
}

enum cmd_exit cmd_list(struct cmd *c, int argc, char **argv, const struct cmd_option *options,
                       const char *name, cmd_list_fn *fn, const void *self) {
    const char *key = NULL;
    struct company *all = NULL;
    struct cmd_json j;
    size_t n = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &key))
        return CMD_MISUSED;
    if ((rc = cmd_companies(c, key, &all, &n)) != RC_OK)
        return cmd_fail(c, rc);
    if (c->json) {
        cmd_json_begin(&j);
        json_array(&j.w, name);
    }
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = fn(c, &all[i], self, &j);
    if (c->json) {
        json_array_end(&j.w);
        cmd_json_finish(&j, rc);
    }
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}

enum rc_code cmd_integration_of(struct cmd *c, const char *ref, bool with_secrets,
                                struct company *ret, struct integration *ret_in) {
    const char *key;
    enum rc_code rc = with_secrets ? cmd_open_key(c) : RC_OK;
    if (rc != RC_OK || (rc = cmd_company_of(c, ref, ret, &key)) != RC_OK)
        return rc;
    return integration_find(c->store, ret->company_id, key, with_secrets ? c->key : NULL, &c->arena,
                            ret_in, &c->err);
}

enum rc_code cmd_run_of(struct cmd *c, const char *ref, struct company *ret, int64_t *ret_run_id) {
    const char *rest;
    char *end;
    enum rc_code rc = cmd_company_of(c, ref, ret, &rest);
    if (rc != RC_OK)
        return rc;
    *ret_run_id = strtoll(rest, &end, 10);
    if (*end != '\0' || *ret_run_id <= 0)
        return rc_fail_as(&c->err, RC_INVALID, "reference",
                          "\"%.60s\" is no run: write COMPANY/NUMBER", ref);
    return RC_OK;
}

const char *cmd_who(struct cmd *c) {
    return arena_printf(&c->arena, "%s on the command line", cmd_user(c, getuid()));
}
