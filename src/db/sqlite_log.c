#include "db/sqlite_log.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include "base/arena.h"

enum { PAGES_AT_ONCE = 1000, WAIT_MS = 100 };

struct sqlite_log {
    sqlite3 *conn; /* of the thread alone */
    pthread_t thread;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t changed;
    int pages, copied; /* in the log; at the last checkpoint */
    bool stop;
};

static void *copy_main(void *self) {
    struct sqlite_log *l = self;
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        if (l->pages < l->copied) /* all had been copied, and the log began anew */
            l->copied = 0;
        if (l->pages - l->copied < PAGES_AT_ONCE) {
            pthread_cond_wait(&l->changed, &l->lock);
            continue;
        }
        l->copied = l->pages;
        pthread_mutex_unlock(&l->lock);
        (void)sqlite3_wal_checkpoint_v2(l->conn, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static bool connect(const char *path, sqlite3 **ret) {
    if (sqlite3_open_v2(path, ret, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return false;
    sqlite3_busy_timeout(*ret, WAIT_MS);
    /* The query opens the log: a checkpoint by itself would not. */
    return sqlite3_exec(*ret, "PRAGMA synchronous = NORMAL; SELECT 1 FROM sqlite_master LIMIT 1",
                        NULL, NULL, NULL) == SQLITE_OK;
}

struct sqlite_log *sqlite_log_open(const char *path) {
    struct sqlite_log *l = mem_zalloc(sizeof *l);
    bool has_lock = pthread_mutex_init(&l->lock, NULL) == 0;
    bool has_both = has_lock && pthread_cond_init(&l->changed, NULL) == 0;
    if (has_both && connect(path, &l->conn) && pthread_create(&l->thread, NULL, copy_main, l) == 0)
        return l;
    sqlite3_close(l->conn);
    if (has_both)
        pthread_cond_destroy(&l->changed);
    if (has_lock)
        pthread_mutex_destroy(&l->lock);
    mem_free(l);
    return NULL;
}

void sqlite_log_grew(struct sqlite_log *l, int pages) {
    pthread_mutex_lock(&l->lock);
    l->pages = pages;
    if (pages < l->copied || pages - l->copied >= PAGES_AT_ONCE)
        pthread_cond_signal(&l->changed);
    pthread_mutex_unlock(&l->lock);
}

void sqlite_log_close(struct sqlite_log *l) {
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->changed);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    sqlite3_close(l->conn);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    mem_free(l);
}
