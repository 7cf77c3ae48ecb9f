#include "sync/standing.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"

/* One that comes and goes is not said each time. */
enum { SAY_AGAIN_S = 60, CALM_S = 10 };
static const int64_t second_us = 1000000;

void standing_init(struct standing *s, const struct clock_source *clock) {
    *s = (struct standing){ .clock = clock };
    pthread_mutex_init(&s->mutex, NULL);
}

void standing_done(struct standing *s) {
    pthread_mutex_destroy(&s->mutex);
}

static bool is_databases(enum rc_code rc, const struct rc_error *err) {
    return rc != RC_OK && err->name != NULL && strncmp(err->name, "db.", 3) == 0;
}

bool standing_trouble(struct standing *s, enum rc_code rc, const struct rc_error *err) {
    char text[500];
    if (s == NULL || !is_databases(rc, err))
        return false;
    int64_t now = clock_monotonic_us(s->clock);
    pthread_mutex_lock(&s->mutex);
    bool begins = s->now.name[0] == '\0';
    bool is_news =
        begins && (strcmp(s->said, err->name) != 0 || now - s->said_us > SAY_AGAIN_S * second_us);
    if (begins)
        s->since_us = now;
    s->last_us = now;
    snprintf(s->now.name, sizeof s->now.name, "%s", err->name);
    if (is_news) {
        snprintf(s->said, sizeof s->said, "%s", err->name);
        s->said_us = now;
    }
    pthread_mutex_unlock(&s->mutex);
    if (is_news)
        log_error("database=trouble name=%s text=%s", err->name,
                  log_quote(err->text, text, sizeof text));
    return true;
}

void standing_note(struct standing *s, bool *is_failing, enum rc_code rc, const char *what,
                   const struct rc_error *err) {
    char text[500];
    if (standing_trouble(s, rc, err))
        return;
    if (rc != RC_OK && !*is_failing)
        log_error("%s=failed code=%s name=%s text=%s", what, rc_code_name(rc),
                  err->name != NULL && *err->name != '\0' ? err->name : "-",
                  log_quote(err->text, text, sizeof text));
    if (rc == RC_OK && *is_failing)
        log_info("%s=works-again", what);
    *is_failing = rc != RC_OK;
}

void standing_over(struct standing *s) {
    int64_t now = clock_monotonic_us(s->clock);
    pthread_mutex_lock(&s->mutex);
    /* what is locked may be another table than the one that was written to */
    if (strcmp(s->now.name, "db.busy") == 0 && now - s->last_us < CALM_S * second_us) {
        pthread_mutex_unlock(&s->mutex);
        return;
    }
    bool was = s->now.name[0] != '\0';
    /* whoever has read that it began reads that it is over */
    bool is_news = was && s->said_us >= s->since_us;
    int64_t lasted = (now - s->since_us) / second_us;
    s->now.name[0] = '\0';
    pthread_mutex_unlock(&s->mutex);
    if (is_news)
        log_info("database=works-again after_s=%lld", (long long)lasted);
}

void standing_look(struct standing *s, struct standing_view *ret) {
    pthread_mutex_lock(&s->mutex);
    *ret = s->now;
    pthread_mutex_unlock(&s->mutex);
}

const char *standing_says(const char *name) {
    static const struct {
        const char *name, *says;
    } known[] = {
        { "db.full",
          "no space is left where the database is: free some, and it goes on by itself" },
        { "db.read-only",
          "the database cannot be written: see whose its files are, and whether the "
          "disk is mounted read-only; then it goes on by itself" },
        { "db.busy", "something else holds the database locked, or it is starting: it goes on by "
                     "itself once that has ended" },
        { "db.lost", "the connection to the database was lost: it goes on by itself once the "
                     "database answers" },
        { "db.unreachable", "the database does not answer: it goes on by itself once it does" },
        { "db.auth", "the database refuses the user that this service has, or a right" },
        { "db.io", "reading or writing the database fails: see the system's log about its disk" },
        { "db.corrupt", "the database is damaged: stop the service, and restore a backup" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].says;
    return "the database is busy or does not answer: try again";
}
