/* rollcall serve: opens what it needs, starts workers and the server, and waits for a signal. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/log.h"
#include "base/memory.h"
#include "cmd/key.h"
#include "cmd/cmd.h"
#include "cmd/mail_options.h"
#include "net/client.h"
#include "server/serve.h"
#include "sync/standing.h"
#include "sync/teller.h"

enum {
    STOP_S = 60, /* so long what runs is waited for; docs/operate.md says so */
    HOST_BYTES = 256,
    PACE_MOST_S = 86400,
};

/* ---- options ---- */

struct listen {
    char host[HOST_BYTES];
    uint16_t port;
};

/* "127.0.0.1:8470", "[::1]:8470", "localhost:0" */
static bool parse_listen(const char *text, struct listen *ret) {
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;
    char *end;
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    } else if (memchr(text, ':', len) != NULL)
        return false; /* an address of that kind wants its brackets */
    if (len == 0 || len >= HOST_BYTES || colon[1] < '0' || colon[1] > '9')
        return false;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (*end != '\0' || port > UINT16_MAX)
        return false;
    memcpy(ret->host, text, len);
    ret->host[len] = '\0';
    ret->port = (uint16_t)port;
    return true;
}

static bool parse_workers(const char *text, unsigned *ret) {
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (text[0] < '1' || text[0] > '9' || *end != '\0' || n > WORKERS_MOST)
        return false;
    *ret = (unsigned)n;
    return true;
}

static bool parse_pace(const char *text, unsigned *ret) {
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > PACE_MOST_S)
        return false;
    *ret = (unsigned)n;
    return true;
}

static const char *or_environment(const char *given, const char *name, const char *usual) {
    const char *value = given != NULL ? given : getenv(name);
    return value != NULL && *value != '\0' ? value : usual;
}

/* ---- systemd ---- */

/* sd_notify(3): one datagram to the socket that is named, if one is. */
static void tell_systemd(const char *what) {
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    size_t len = name != NULL ? strlen(name) : 0;
    if (len < 2 || len >= sizeof to.sun_path || (name[0] != '/' && name[0] != '@'))
        return;
    memcpy(to.sun_path, name, len);
    if (name[0] == '@') /* a name that is no file */
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (fd < 0)
        return;
    if (sendto(fd, what, strlen(what), MSG_NOSIGNAL, (struct sockaddr *)&to, bytes) < 0)
        log_warn("systemd=not-told reason=\"the socket that NOTIFY_SOCKET names takes nothing\"");
    close(fd);
}

/* How often it is told that we live, and how we are. The watchdog (WATCHDOG_USEC) is fed only while the
 * keeper of the jobs comes round: a process that does nothing any more is ended, and started anew. */
struct told {
    int64_t every_us; /* 0: nobody listens */
    int64_t limit_us; /* the watchdog's; 0: there is none */
    struct workers *workers;
    struct standing *standing;
    const char *address;
};

enum { TELL_US = 5000000, ALIVE_US = 2 * WORKERS_LOOK_S * 1000000 };

static struct told told_init(struct workers *w, struct standing *standing, const char *address) {
    const char *us = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    struct told t = { .workers = w, .standing = standing, .address = address };
    if (us != NULL && (pid == NULL || strtoll(pid, NULL, 10) == getpid()))
        t.limit_us = strtoll(us, NULL, 10);
    if (t.limit_us < 0)
        t.limit_us = 0;
    if (getenv("NOTIFY_SOCKET") != NULL)
        t.every_us = t.limit_us > 0 && t.limit_us / 4 < TELL_US ? t.limit_us / 4 : TELL_US;
    return t;
}

static void keep_telling(const struct told *t, char *status, size_t status_bytes) {
    struct standing_view now;
    struct workers_view v;
    char say[300];
    standing_look(t->standing, &now);
    workers_look(t->workers, &v);
    int64_t age_us = clock_monotonic_us(&clock_system) - v.turned_us;
    if (t->limit_us > 0 && (age_us < t->limit_us / 2 || age_us < ALIVE_US))
        tell_systemd("WATCHDOG=1");
    if (now.name[0] != '\0')
        snprintf(say, sizeof say, "STATUS=%s: %s", now.name, standing_says(now.name));
    else
        snprintf(say, sizeof say, "STATUS=serves at http://%s", t->address);
    if (strcmp(say, status) == 0)
        return;
    snprintf(status, status_bytes, "%s", say);
    tell_systemd(say);
}

/* ---- starting ---- */

static void rest(void *self) {
    serve_rest(self);
}

/* On a worker's thread, when the database has another key. */
static enum rc_code read_key(const void *self, struct store *st, struct secret_key **ret,
                             struct rc_error *err) {
    return cmd_key_read(self, st, ret, err);
}

static const char *address_of(struct cmd *c, const struct listen *at, uint16_t port) {
    bool brackets = strchr(at->host, ':') != NULL;
    return arena_printf(&c->arena, "%s%s%s:%u", brackets ? "[" : "", at->host, brackets ? "]" : "",
                        port);
}

static void say_started(struct cmd *c, const char *address, unsigned workers) {
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_object(&j.w, "serve");
        json_put_cstr(&j.w, "listen", address);
        json_put_int(&j.w, "workers", workers);
        json_object_end(&j.w);
        cmd_json_end(&j);
    } else
        printf("rollcall serves at http://%s with %u worker%s; %s\n", address, workers,
               workers == 1 ? "" : "s", "Ctrl-C, or SIGTERM, stops it");
    fflush(stdout);
    log_info("serve=started listen=%s workers=%u version=" ROLLCALL_VERSION, address, workers);
}

/* ---- stopping ---- */

static void hear_signals(sigset_t *ret) {
    sigemptyset(ret);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGINT);
    pthread_sigmask(SIG_BLOCK, ret, NULL); /* every thread that is made has them blocked */
    signal(SIGPIPE, SIG_IGN);
}

/* Until one comes; meanwhile systemd is told how it goes. */
static void wait_for_signal(const sigset_t *signals, const struct told *t) {
    char status[300] = "";
    int got = -1;
    while (got < 0) {
        const struct timespec most = { .tv_sec = t->every_us / 1000000,
                                       .tv_nsec = t->every_us % 1000000 * 1000 };
        got = t->every_us > 0 ? sigtimedwait(signals, NULL, &most) : sigwaitinfo(signals, NULL);
        if (got < 0 && t->every_us > 0)
            keep_telling(t, status, sizeof status);
    }
    tell_systemd("STOPPING=1");
    log_info("serve=stopping signal=%s", got == SIGINT ? "SIGINT" : "SIGTERM");
    pthread_sigmask(SIG_UNBLOCK, signals, NULL); /* a second one ends the process at once */
}

static void stop(struct serve *s, struct workers *w, struct teller *t) {
    teller_stop(t);
    if (!workers_stop(w, (int64_t)STOP_S * 1000000)) {
        log_warn("serve=stopped reason=\"what is still at work after %d seconds is left as after a "
                 "crash: the next process goes on with it\"",
                 STOP_S);
        fflush(stdout);
        _exit(CMD_OK); /* threads are at work with everything that could be freed */
    }
    serve_close(s);
    workers_free(w);
    log_info("serve=stopped");
}

static enum rc_code serve(struct cmd *c, const struct listen *at, unsigned n, unsigned pace_s,
                          const char *public_url, struct alerts_options *alerts) {
    static struct standing standing; /* threads that are left behind at the end may look at it */
    struct workers_options workers = {
        .where = c->where, .n = n, .standing = &standing, .public_url = public_url
    };
    struct serve_options options = { .host = at->host,
                                     .port = at->port,
                                     .where = c->where,
                                     .clock = c->clock,
                                     .standing = &standing,
                                     .hint_pace_s = pace_s };
    struct workers *w = NULL;
    struct serve *s = NULL;
    struct teller *t = NULL;
    sigset_t signals;
    hear_signals(&signals);
    memory_set_up(); /* before there are other threads */
    struct cmd_key_source from;
    enum rc_code rc = cmd_key_source(c, &from);
    if (rc != RC_OK || (rc = cmd_open_key(c)) != RC_OK)
        return rc;
    standing_init(&standing, c->clock);
    alerts->standing = &standing;
    options.key = c->key;
    options.read_key = read_key;
    options.key_from = &from;
    if ((rc = serve_open(&options, &s, &c->err)) != RC_OK)
        return rc;
    workers.rest = rest;
    workers.self = s;
    workers.key = c->key;
    workers.mail = alerts->server;
    workers.read_key = read_key;
    workers.key_from = &from;
    if ((rc = teller_start(c->where, alerts, &t, &c->err)) != RC_OK ||
        (rc = workers_start(&workers, &w, &c->err)) != RC_OK) {
        teller_stop(t);
        serve_close(s);
        return rc;
    }
    serve_works(s, w);
    store_close(RC_TAKE(c->store)); /* each thread has one of its own */
    const char *address = address_of(c, at, serve_port(s));
    const struct told told = told_init(w, &standing, address);
    say_started(c, address, n);
    tell_systemd("READY=1");
    wait_for_signal(&signals, &told);
    stop(s, w, t);
    return RC_OK;
}

enum cmd_exit cmd_serve(struct cmd *c, int argc, char **argv) {
    const char *listen_at = NULL, *workers = NULL, *pace = NULL, *public_url = NULL;
    struct mail_options mail = { 0 };
    struct mail_server server;
    struct alerts_options alerts = { 0 };
    bool has_server = false;
    const struct cmd_option options[] = {
        { "listen", "HOST:PORT", "where to answer (127.0.0.1:8470); also ROLLCALL_LISTEN",
          .value = &listen_at },
        { "workers", "N", "how many jobs at once (2); also ROLLCALL_WORKERS", .value = &workers },
        { "webhook-pace", "SECONDS",
          "webhooks make an integration sync no sooner than so long after it began last (60); "
          "also ROLLCALL_WEBHOOK_PACE",
          .value = &pace },
        { "public-url", "URL",
          "where HR systems reach this service, to tell of changes; also ROLLCALL_PUBLIC_URL",
          .value = &public_url },
        MAIL_OPTIONS(mail),
        { "alert-to", "ADDRESS", "who looks after this installation; also ROLLCALL_ALERT_TO",
          .value = &mail.operator_address },
        { 0 }
    };
    const char *none;
    struct listen at;
    unsigned n, pace_s;
    if (!cmd_parse(c, argc, argv, options, 0, 0, &none))
        return CMD_MISUSED;
    listen_at = or_environment(listen_at, "ROLLCALL_LISTEN", "127.0.0.1:8470");
    workers = or_environment(workers, "ROLLCALL_WORKERS", "2");
    pace = or_environment(pace, "ROLLCALL_WEBHOOK_PACE", "60");
    public_url = or_environment(public_url, "ROLLCALL_PUBLIC_URL", NULL);
    if (public_url != NULL && http_url_check(public_url, &c->err) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "--public-url: %s", c->err.text));
    if (!parse_listen(listen_at, &at))
        return cmd_misused(c, "\"%.100s\" is nowhere to listen: write HOST:PORT, as 127.0.0.1:8470",
                           listen_at);
    if (!parse_workers(workers, &n))
        return cmd_misused(c, "\"%.40s\" workers are none: it is a number from 1 to %d", workers,
                           WORKERS_MOST);
    if (!parse_pace(pace, &pace_s))
        return cmd_misused(c,
                           "\"%.40s\" is no --webhook-pace: it is a number of seconds from 0 to %d",
                           pace, PACE_MOST_S);
    if (mail_options_take(c, &mail, &server, &has_server) != RC_OK)
        return cmd_misused(c, "%s", arena_printf(&c->arena, "%s", c->err.text));
    alerts.server = has_server ? &server : NULL;
    alerts.operator_address = mail.operator_address;
    if (!c->log_level_given)
        log_set_level(LOG_LEVEL_INFO);
    log_set_form(isatty(STDERR_FILENO) ? LOG_FORM_TEXT : LOG_FORM_JSON);
    enum rc_code rc = serve(c, &at, n, pace_s, public_url, &alerts);
    return rc == RC_OK ? CMD_OK : cmd_fail(c, rc);
}
