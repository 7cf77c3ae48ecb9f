/* main.c - rollcall-sandbox: plays an HR system or a learning platform on a port of this machine. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "sandbox/sandbox.h"

static const char usage_text[] =
    "Usage: rollcall-sandbox SYSTEM [OPTIONS]\n"
    "\n"
    "Plays the API of a system with an invented company, for demos and tests. SYSTEM is:\n"
    "\n"
    "  personio          v1 employees, v1 and v2 tokens, webhooks\n"
    "  learnamp          users, teams, members of teams, tokens\n"
    "\n"
    "  --port N          port on 127.0.0.1; 0 (the default) takes a free one. The first line on "
    "stdout names it\n"
    "  --host ADDRESS    listen elsewhere than on 127.0.0.1\n"
    "  --seed N          the same seed gives the same people, 1 if not said\n"
    "  --today DATE      the company's day, 2026-11-23; the clock runs on from 09:00 UTC\n"
    "  --switch NAME=VALUE   see --switches; may be repeated\n"
    "  --no-limits       no rate limits\n"
    "  --replay DIR      answer from a recorded transcript where it has an answer\n"
    "  --stats           at the end, print the CPU seconds used and the people served\n"
    "  --switches        list the switches and end\n"
    "  --faults          list the kinds of faults and end\n"
    "\n"
    "  --people N        1 to 1000000 people in the company, 3000 if not said\n"
    "\n"
    "Of personio:\n"
    "  --cache-mb N      memory for prepared pages, 4096 if not said\n"
    "  credentials: client_id papi-sandbox, client_secret papi-sandbox-secret\n"
    "\n"
    "Of learnamp:\n"
    "  --accounts N      so many of the people that personio has with the same --seed and "
    "--people have an\n"
    "                    account already; none if not said. Some accounts are there in any case\n"
    "  --profile NAME    public (the documented API, the default) or full (avatar, leaveDate and "
    "an invite call too)\n"
    "  credentials: client_id learnamp-sandbox, client_secret learnamp-sandbox-secret\n"
    "\n"
    "People can be seen and edited at /. The control API under /_control/ is told in "
    "docs/sandbox.md.\n";

enum action { ACTION_PLAY, ACTION_SWITCHES, ACTION_FAULTS, ACTION_HELP };
struct arguments {
    const char *host, *replay;
    uint16_t port;
    bool stats;
    enum action action;
    const char *switches[SWITCHES_MAX], *only; /* only: an option of one system that was given */
    size_t switches_n;
    const struct system *of; /* ... and that system */
    struct options options;
};

static int misused(const char *what) {
    fprintf(stderr, "rollcall-sandbox: %s\nTry 'rollcall-sandbox --help'.\n", what);
    return 2;
}

static bool number(const char *text, uint64_t least, uint64_t most, uint64_t *ret) {
    char *end;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *ret >= least &&
           *ret <= most;
}

enum {
    OPT_PORT = 1,
    OPT_HOST,
    OPT_PEOPLE,
    OPT_ACCOUNTS,
    OPT_PROFILE,
    OPT_SEED,
    OPT_TODAY,
    OPT_SWITCH,
    OPT_NO_LIMITS,
    OPT_CACHE,
    OPT_REPLAY,
    OPT_STATS,
    OPT_SWITCHES,
    OPT_FAULTS,
    OPT_HELP
};
static const struct option long_options[] = {
    { "port", required_argument, NULL, OPT_PORT },
    { "host", required_argument, NULL, OPT_HOST },
    { "people", required_argument, NULL, OPT_PEOPLE },
    { "accounts", required_argument, NULL, OPT_ACCOUNTS },
    { "profile", required_argument, NULL, OPT_PROFILE },
    { "seed", required_argument, NULL, OPT_SEED },
    { "today", required_argument, NULL, OPT_TODAY },
    { "switch", required_argument, NULL, OPT_SWITCH },
    { "no-limits", no_argument, NULL, OPT_NO_LIMITS },
    { "cache-mb", required_argument, NULL, OPT_CACHE },
    { "replay", required_argument, NULL, OPT_REPLAY },
    { "stats", no_argument, NULL, OPT_STATS },
    { "switches", no_argument, NULL, OPT_SWITCHES },
    { "faults", no_argument, NULL, OPT_FAULTS },
    { "help", no_argument, NULL, OPT_HELP },
    { NULL, 0, NULL, 0 },
};

static int only_for(struct arguments *a, const struct system *system, const char *option) {
    a->only = option;
    a->of = system;
    return -1;
}

/* -1: go on; else the exit code. */
static int take_option(struct arguments *a, int option) {
    struct options *o = &a->options;
    uint64_t n = 0;
    date_days day;
    switch (option) {
    case OPT_PORT:
        if (!number(optarg, 0, 65535, &n))
            return misused("--port is a number from 0 to 65535");
        a->port = (uint16_t)n;
        return -1;
    case OPT_HOST: a->host = optarg; return -1;
    case OPT_PEOPLE:
        if (!number(optarg, 1, 1000000, &n))
            return misused("--people is a number from 1 to 1000000");
        o->people_n = n;
        return -1;
    case OPT_ACCOUNTS:
        if (!number(optarg, 0, 1000000, &n))
            return misused("--accounts is a number from 0 to 1000000");
        o->accounts_n = n;
        return only_for(a, &learnamp_system, "--accounts");
    case OPT_PROFILE:
        o->full = strcmp(optarg, "full") == 0;
        if (!o->full && strcmp(optarg, "public") != 0)
            return misused("--profile is public or full");
        return only_for(a, &learnamp_system, "--profile");
    case OPT_SEED:
        return number(optarg, 0, UINT64_MAX, &o->seed) ? -1 : misused("--seed is a number");
    case OPT_TODAY:
        if (date_parse(optarg, strlen(optarg), &day, NULL) != RC_OK)
            return misused("--today is a date like 2026-11-23");
        o->now_us = (int64_t)day * INT64_C(86400000000) + INT64_C(9) * 3600 * 1000000;
        return -1;
    case OPT_SWITCH:
        if (a->switches_n == SWITCHES_MAX)
            return misused("--switch: more of them than there are");
        a->switches[a->switches_n++] = optarg;
        return -1;
    case OPT_NO_LIMITS: o->limits = false; return -1;
    case OPT_CACHE:
        if (!number(optarg, 1, 1 << 20, &n))
            return misused("--cache-mb is a number from 1");
        o->cache_bytes = n << 20;
        return only_for(a, &personio_system, "--cache-mb");
    case OPT_REPLAY: a->replay = optarg; return -1;
    case OPT_STATS: a->stats = true; return -1;
    case OPT_SWITCHES: a->action = ACTION_SWITCHES; return -1;
    case OPT_FAULTS: a->action = ACTION_FAULTS; return -1;
    case OPT_HELP: a->action = ACTION_HELP; return -1;
    default: fputs("Try 'rollcall-sandbox --help'.\n", stderr); return 2;
    }
}

static int set_switch(struct sandbox *sb, const char *text) {
    char name[64];
    struct rc_error err;
    const char *equals = strchr(text, '=');
    if (equals == NULL || (size_t)(equals - text) >= sizeof name)
        return misused("--switch is NAME=VALUE");
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    return switches_set_text(&sb->switches, name, equals + 1, &err) == RC_OK ? -1
                                                                             : misused(err.text);
}

static void print_stats(struct sandbox *sb) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("people served %llu, CPU %.3f s, memory at most %ld KiB\n",
           (unsigned long long)atomic_load(&sb->rows_served),
           (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
               (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6,
           r.ru_maxrss);
}

static int run(struct sandbox *sb, const struct arguments *a) {
    struct rc_error err;
    struct server *server = NULL;
    const struct server_options so = {
        .host = a->host, .port = a->port, .connections = 512, .idle_timeout_us = INT64_C(300000000)
    };
    sigset_t set;
    int signal_number;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL); /* the server's threads inherit it */
    /* Requests wait for the lock until the origin, which names the port, is known. */
    pthread_rwlock_wrlock(&sb->lock);
    if (server_open(&so, sandbox_handle, sb, &server, &err) != RC_OK) {
        fprintf(stderr, "rollcall-sandbox: %s\n", err.text);
        pthread_rwlock_unlock(&sb->lock);
        return 1;
    }
    snprintf(sb->origin, sizeof sb->origin, "http://%s:%u", a->host ? a->host : "127.0.0.1",
             server_port(server));
    pthread_rwlock_unlock(&sb->lock);
    printf("listening on %s\n", sb->origin);
    fflush(stdout);
    sigwait(&set, &signal_number);
    server_close(server);
    if (a->stats)
        print_stats(sb);
    return 0;
}

static int play(const struct system *system, const struct arguments *a) {
    struct rc_error err;
    struct sandbox *sb = sandbox_open(system, &a->options);
    int code = a->replay != NULL && replay_open(a->replay, &sb->replay, &err) != RC_OK
                   ? misused(err.text)
                   : -1;
    for (size_t i = 0; code < 0 && i < a->switches_n; i++)
        code = set_switch(sb, a->switches[i]);
    if (code < 0) {
        system->changed(sb);
        code = run(sb, a);
    }
    sandbox_close(sb);
    return code;
}

/* Of one system, or of all when none was named. */
static int list(const struct system *system, enum action action) {
    unsigned all = 0;
    for (size_t i = 0; sandbox_systems[i] != NULL; i++) {
        const struct system *one = sandbox_systems[i];
        if (system != NULL && one != system)
            continue;
        all |= one->faults;
        if (action == ACTION_SWITCHES)
            switches_print(one->switches, one->switches_n);
    }
    if (action == ACTION_FAULTS)
        faults_print(all);
    return 0;
}

int main(int argc, char **argv) {
    struct arguments a = { .options = { .people_n = 3000,
                                        .seed = 1,
                                        .limits = true,
                                        .cache_bytes = (size_t)4096 << 20 } };
    const struct system *system = NULL;
    char text[120];
    int option, code;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if ((code = take_option(&a, option)) >= 0)
            return code;
    if (a.action == ACTION_HELP) {
        fputs(usage_text, stdout);
        return 0;
    }
    for (size_t i = 0; optind < argc && sandbox_systems[i] != NULL; i++)
        if (strcmp(sandbox_systems[i]->name, argv[optind]) == 0)
            system = sandbox_systems[i];
    if (a.action != ACTION_PLAY && (optind == argc || system != NULL))
        return list(system, a.action);
    if (optind != argc - 1 || system == NULL)
        return misused("say which system to play: personio or learnamp");
    if (a.of != NULL && a.of != system) {
        snprintf(text, sizeof text, "%s is an option of %s", a.only, a.of->name);
        return misused(text);
    }
    return play(system, &a);
}
