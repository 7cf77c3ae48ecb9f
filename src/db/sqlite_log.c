#include "db/sqlite_log.h"

#include <pthread.h>
#include <sqlite3.h>
#include "base/arena.h"

/* In pages of 8 KB. */
enum { MANY_AT_ONCE = 500, WAIT_MS = 100 };

struct sqlite_log {
    char *path;
    int seen; /* pages at the last commit; of the writer alone */
    bool runs;
    pthread_t thread;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t changed;
    int pages, copied; /* in the log; at the last checkpoint */
    bool due, stop;
    bool failed; /* the thread is over: others have to copy */
};

static sqlite3 *connect(const char *path) {
    sqlite3 *conn = NULL;
    if (sqlite3_open_v2(path, &conn, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
        SQLITE_OK) {
        sqlite3_busy_timeout(conn, WAIT_MS);
        /* The query opens the log: a checkpoint by itself would not. */
        if (sqlite3_exec(conn, "PRAGMA synchronous = NORMAL; SELECT 1 FROM sqlite_master LIMIT 1",
                         NULL, NULL, NULL) == SQLITE_OK)
            return conn;
    }
    sqlite3_close(conn);
    return NULL;
}

/* The database is synced each time, not only when the last page has been copied, as SQLite does: the
 * disk is idle meanwhile, and at the end somebody waits. A sync that fails is the last of this
 * connection: the system tells each open file of lost pages once, and a later one would succeed. */
static bool copy(sqlite3 *conn) {
    sqlite3_file *file = NULL;
    return sqlite3_wal_checkpoint_v2(conn, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) !=
               SQLITE_OK ||
           sqlite3_file_control(conn, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
           file->pMethods == NULL ||
           file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK;
}

static void *copy_main(void *self) {
    struct sqlite_log *l = self;
    sqlite3 *conn = connect(l->path);
    pthread_mutex_lock(&l->lock);
    l->failed = conn == NULL;
    while (!l->stop && !l->failed) {
        if (!l->due) {
            pthread_cond_wait(&l->changed, &l->lock);
            continue;
        }
        l->due = false;
        l->copied = l->pages;
        pthread_mutex_unlock(&l->lock);
        bool is_fine = copy(conn);
        pthread_mutex_lock(&l->lock);
        l->failed = !is_fine;
    }
    pthread_mutex_unlock(&l->lock);
    sqlite3_close(conn);
    return NULL;
}

struct sqlite_log *sqlite_log_open(const char *path) {
    struct sqlite_log *l = mem_zalloc(sizeof *l);
    l->path = mem_str(path);
    if (pthread_mutex_init(&l->lock, NULL) != 0 || pthread_cond_init(&l->changed, NULL) != 0)
        rc_die("db: no lock can be made");
    return l;
}

bool sqlite_log_grew(struct sqlite_log *l, int pages, enum sqlite_log_copies when) {
    static const int at[] = {
        [SQLITE_LOG_NOW] = 100, [SQLITE_LOG_OFTEN] = 1000, [SQLITE_LOG_SELDOM] = 4000
    };
    bool many = pages - l->seen >= MANY_AT_ONCE;
    l->seen = pages;
    pthread_mutex_lock(&l->lock);
    l->pages = pages;
    if (pages < l->copied) /* all had been copied, and the log began anew */
        l->copied = 0;
    bool due = many || pages - l->copied >= at[when];
    if (due && !l->runs)
        l->runs = pthread_create(&l->thread, NULL, copy_main, l) == 0;
    if (due && !l->due) {
        l->due = true;
        pthread_cond_signal(&l->changed);
    }
    bool is_seen_to = !due || (l->runs && !l->failed);
    pthread_mutex_unlock(&l->lock);
    return is_seen_to;
}

void sqlite_log_close(struct sqlite_log *l) {
    if (l == NULL)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->changed);
    pthread_mutex_unlock(&l->lock);
    if (l->runs)
        pthread_join(l->thread, NULL);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->lock);
    mem_free(l->path);
    mem_free(l);
}
