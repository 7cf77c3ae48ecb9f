/* rollcall: keeps a learning platform's people in step with the HR system. */
#include <getopt.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/log.h"
#include "base/text.h"
#include "cmd/cmd.h"

static void usage(FILE *to) {
    fputs("rollcall keeps a learning platform's people in step with the HR system.\n\n"
          "usage: rollcall [--database FILE|postgres://...] [--json] [--log LEVEL] COMMAND\n\n",
          to);
    for (size_t i = 0; i < cmd_entries_n; i++) {
        const struct cmd_entry *e = &cmd_entries[i];
        char head[200];
        snprintf(head, sizeof head, "%s%s%s %s", e->noun, *e->verb ? " " : "", e->verb,
                 e->arguments);
        fprintf(to, "  %-46s  %s\n", head, e->help);
    }
    fputs(
        "\nThe database may also be named by ROLLCALL_DATABASE; the installation's key by ROLLCALL_KEY_FILE (else it is the\n"
        "database file's name with .key behind it). Exit codes: 0 ok, 1 failed, 2 misused, 3 held: a person is asked.\n"
        "rollcall COMMAND --help shows the options of one command; docs/command-line.md explains all of them.\n",
        to);
}

static const struct cmd_entry *find_entry(int argc, char **argv, int at, int *ret_used) {
    for (size_t i = 0; i < cmd_entries_n && at < argc; i++) {
        const struct cmd_entry *e = &cmd_entries[i];
        if (strcmp(e->noun, argv[at]) != 0)
            continue;
        *ret_used = *e->verb != '\0' ? 2 : 1;
        if (*e->verb == '\0' || (at + 1 < argc && strcmp(e->verb, argv[at + 1]) == 0))
            return e;
    }
    return NULL;
}

/* "compny list", "people lst": the command that is most like it; "company" alone: what there is of
 * it. */
static enum cmd_exit unknown_command(struct cmd *c, const char *noun, const char *verb) {
    const struct cmd_entry *meant = NULL;
    const char *typed = arena_printf(&c->arena, "%s%s%s", noun, *verb != '\0' ? " " : "", verb);
    size_t best = SIZE_MAX;
    struct buf verbs;
    buf_init(&verbs, 400);
    for (size_t i = 0; i < cmd_entries_n; i++) {
        const struct cmd_entry *e = &cmd_entries[i];
        const char *name =
            arena_printf(&c->arena, "%s%s%s", e->noun, *e->verb != '\0' ? " " : "", e->verb);
        bool is_noun = strcmp(e->noun, noun) == 0;
        if (is_noun)
            buf_printf(&verbs, "%s%s", verbs.len > 0 ? ", " : "", name);
        if (is_noun ? cmd_is_nearer(verb, e->verb, &best)
                    : cmd_is_nearer(*e->verb != '\0' ? typed : noun, name, &best))
            meant = e;
    }
    if (meant != NULL)
        cmd_misused(c, "\"%.80s\" is no command; did you mean \"%s%s%s\"?", typed, meant->noun,
                    *meant->verb != '\0' ? " " : "", meant->verb);
    else if (verbs.len > 0)
        cmd_misused(c, "\"%.80s\" is no command; there are: %s", typed, verbs.ptr);
    else
        cmd_misused(c, "\"%.80s\" is no command; `rollcall --help` lists them", typed);
    buf_done(&verbs);
    return CMD_MISUSED;
}

static enum cmd_exit run_command(struct cmd *c, int argc, char **argv, int at) {
    int used = 0;
    if (at == argc && !c->json) {
        usage(stderr);
        return CMD_MISUSED;
    }
    if (at == argc)
        return cmd_misused(c, "no command is given; `rollcall --help` lists them");
    for (int i = at; i < argc; i++)
        if (!text_is_utf8(argv[i], strlen(argv[i])))
            return cmd_misused(c, "argument %d is not text in UTF-8", i);
    c->entry = find_entry(argc, argv, at, &used);
    if (c->entry == NULL)
        return unknown_command(c, argv[at],
                               at + 1 < argc && argv[at + 1][0] != '-' ? argv[at + 1] : "");
    return c->entry->fn(c, argc - at - used + 1, argv + at + used - 1);
}

static enum cmd_exit unknown_option(struct cmd *c, const char *typed) {
    static const char *const names[] = { "--database", "--json", "--log", "--help", "--version" };
    const char *meant = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < RC_LEN(names); i++)
        if (cmd_is_nearer(typed, names[i], &best))
            meant = names[i];
    if (meant != NULL)
        return cmd_misused(c, "%.60s is no option; did you mean %s?", typed, meant);
    return cmd_misused(
        c,
        "%.60s is no option here; rollcall --help lists them, and those of a command stand behind it",
        typed);
}

/* Work comes in waves: what one wave gives back the next takes again, and fetching it anew from the system,
 * page by page, cost a tenth of a delivery. */
static void keep_memory(void) {
    enum { KEPT_BYTES = 8 << 20, ALONE_BYTES = 4 << 20 };
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, ALONE_BYTES);
}

/* A core would hold credentials, and people. One byte and not none: to a program that cores are piped to
 * the limit does not apply, but for this value (core(5)); and a file would be larger. */
static void leave_no_core(void) {
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 1, 1 });
}

int main(int argc, char **argv) {
    static const struct option options[] = {
        { "database", required_argument, NULL, 'd' }, { "json", no_argument, NULL, 'j' },
        { "log", required_argument, NULL, 'l' },      { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },        { 0 }
    };
    struct cmd c = { .where = getenv("ROLLCALL_DATABASE"),
                     .key_file = getenv("ROLLCALL_KEY_FILE"),
                     .clock = &clock_system };
    enum log_level level;
    struct rc_error wrong = { 0 };
    int o;
    leave_no_core();
    keep_memory();
    arena_init(&c.arena);
    arena_init(&c.words);
    opterr = 0;
    while ((o = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
        switch (o) {
        case 'd': c.where = optarg; break;
        case 'j': c.json = true; break;
        case 'l':
            if (log_level_parse(optarg, &level, &wrong) != RC_OK)
                return (int)cmd_misused(&c, "%s", wrong.text);
            log_set_level(level);
            c.log_level_given = true;
            break;
        case 'h': usage(stdout); return CMD_OK;
        case 'v': puts("rollcall " ROLLCALL_VERSION); return CMD_OK;
        case ':':
            return (int)cmd_misused(&c, "%.60s lacks its value; see rollcall --help",
                                    argv[optind - 1]);
        default: return (int)unknown_option(&c, argv[optind - 1]);
        }
    }
    enum cmd_exit x = run_command(&c, argc, argv, optind);
    store_close(c.store);
    secret_key_close(c.key);
    arena_done(&c.arena);
    arena_done(&c.words);
    if (fflush(stdout) != 0 || ferror(stdout))
        return CMD_FAILED; /* the answer did not reach whoever asked */
    return (int)x;
}
