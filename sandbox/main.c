/* main.c - rollcall-sandbox: plays an HR system on a port of this machine. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/clock.h"
#include "sandbox/sandbox.h"

static const char usage_text[] =
    "Usage: rollcall-sandbox personio [OPTIONS]\n"
    "\n"
    "Plays the API of Personio (v1 employees, v1 and v2 tokens) with an invented company, for "
    "demos and tests.\n"
    "\n"
    "  --port N          port on 127.0.0.1; 0 (the default) takes a free one. The first line on "
    "stdout names it\n"
    "  --host ADDRESS    listen elsewhere than on 127.0.0.1\n"
    "  --people N        1 to 1000000 people, 3000 if not said\n"
    "  --seed N          the same seed gives the same people, 1 if not said\n"
    "  --today DATE      the company's day, 2026-11-23; the clock runs on from 09:00 UTC\n"
    "  --switch NAME=VALUE   see --switches; may be repeated\n"
    "  --no-limits       no rate limits\n"
    "  --cache-mb N      memory for prepared pages, 4096 if not said\n"
    "  --replay DIR      answer from a recorded transcript where it has an answer\n"
    "  --stats           at the end, print the CPU seconds used and the people served\n"
    "  --switches        list the switches and end\n"
    "  --faults          list the kinds of faults and end\n"
    "\n"
    "Credentials: client_id papi-sandbox, client_secret papi-sandbox-secret. People can be seen "
    "and edited at /.\n"
    "The control API under /_control/ is told in docs/sandbox.md.\n";

struct options {
    const char *host, *replay;
    uint16_t port;
    size_t people_n, cache_bytes;
    uint64_t seed;
    int64_t now_us; /* 0: real time */
    bool limits, stats;
    const char *switches[SW_COUNT];
    size_t switches_n;
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

/* -1: go on; else the exit code. */
static int take_option(struct options *o, int option) {
    uint64_t n = 0;
    date_days day;
    switch (option) {
    case OPT_PORT:
        if (!number(optarg, 0, 65535, &n))
            return misused("--port is a number from 0 to 65535");
        o->port = (uint16_t)n;
        return -1;
    case OPT_HOST: o->host = optarg; return -1;
    case OPT_PEOPLE:
        if (!number(optarg, 1, 1000000, &n))
            return misused("--people is a number from 1 to 1000000");
        o->people_n = n;
        return -1;
    case OPT_SEED:
        return number(optarg, 0, UINT64_MAX, &o->seed) ? -1 : misused("--seed is a number");
    case OPT_TODAY:
        if (date_parse(optarg, strlen(optarg), &day, NULL) != RC_OK)
            return misused("--today is a date like 2026-11-23");
        o->now_us = (int64_t)day * INT64_C(86400000000) + INT64_C(9) * 3600 * 1000000;
        return -1;
    case OPT_SWITCH:
        if (o->switches_n == SW_COUNT)
            return misused("--switch: more of them than there are");
        o->switches[o->switches_n++] = optarg;
        return -1;
    case OPT_NO_LIMITS: o->limits = false; return -1;
    case OPT_CACHE:
        if (!number(optarg, 1, 1 << 20, &n))
            return misused("--cache-mb is a number from 1");
        o->cache_bytes = n << 20;
        return -1;
    case OPT_REPLAY: o->replay = optarg; return -1;
    case OPT_STATS: o->stats = true; return -1;
    case OPT_SWITCHES: switches_print(); return 0;
    case OPT_FAULTS: faults_print(); return 0;
    case OPT_HELP: fputs(usage_text, stdout); return 0;
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

static int run(struct sandbox *sb, const struct options *o) {
    struct rc_error err;
    struct server *server = NULL;
    const struct server_options so = {
        .host = o->host, .port = o->port, .connections = 512, .idle_timeout_us = INT64_C(300000000)
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
    snprintf(sb->origin, sizeof sb->origin, "http://%s:%u", o->host ? o->host : "127.0.0.1",
             server_port(server));
    pthread_rwlock_unlock(&sb->lock);
    printf("listening on %s\n", sb->origin);
    fflush(stdout);
    sigwait(&set, &signal_number);
    server_close(server);
    if (o->stats)
        print_stats(sb);
    return 0;
}

int main(int argc, char **argv) {
    struct options o = {
        .people_n = 3000, .seed = 1, .limits = true, .cache_bytes = (size_t)4096 << 20
    };
    struct rc_error err;
    struct sandbox *sb;
    int option, code;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if ((code = take_option(&o, option)) >= 0)
            return code;
    if (optind != argc - 1 || strcmp(argv[optind], "personio") != 0)
        return misused("say which system to play: personio");
    sb = mem_zalloc(sizeof *sb);
    vclock_init(&sb->clock);
    sb->start_us = o.now_us;
    if (o.now_us != 0)
        vclock_set(&sb->clock, o.now_us);
    sandbox_open(sb, o.people_n, o.seed, o.cache_bytes);
    sb->limits = o.limits;
    code = o.replay != NULL && replay_open(o.replay, &sb->replay, &err) != RC_OK ? misused(err.text)
                                                                                 : -1;
    for (size_t i = 0; code < 0 && i < o.switches_n; i++)
        code = set_switch(sb, o.switches[i]);
    if (code < 0) {
        sandbox_changed(sb);
        code = run(sb, &o);
    }
    sandbox_close(sb);
    mem_free(sb);
    return code;
}
