/* rollcall backup, rollcall restore: the database as one file, and back. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmd/cmd.h"
#include "db/copy.h"
#include "store/restored.h"

static bool is_postgres(const char *where) {
    return strncmp(where, "postgres", 8) == 0;
}

static const char *megabytes(struct cmd *c, int64_t bytes) {
    return arena_printf(&c->words, "%.1f MB", (double)bytes / 1e6);
}

/* ---- backup ---- */

/* Without opening the store: that would bring tables up to date, and a backup before an upgrade is to be
 * of the time before it. */
enum cmd_exit cmd_backup(struct cmd *c, int argc, char **argv) {
    const char *file, *replaces = NULL;
    const struct cmd_option options[] = {
        { "replace", NULL, "FILE may be there already: it goes once the new one is whole",
          .value = &replaces },
        { 0 }
    };
    int64_t bytes = 0;
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 1, 1, &file))
        return CMD_MISUSED;
    if ((rc = cmd_named(c)) != RC_OK)
        return cmd_fail(c, rc);
    if (is_postgres(c->where))
        return cmd_fail(c, rc_fail_as(&c->err, RC_INVALID, "copy.database",
                                      "PostgreSQL copies its databases itself, also while rollcall "
                                      "runs: pg_dump --format=custom --no-owner --file=FILE "
                                      "--dbname=\"$ROLLCALL_DATABASE\""));
    if ((rc = db_copy(c->where, file, DB_COPY_BACKUP, replaces != NULL, &bytes, &c->err)) !=
        RC_OK) {
        if (strcmp(c->err.name != NULL ? c->err.name : "", "copy.exists") == 0 && !replaces)
            rc_fail_as(&c->err, rc, "copy.exists",
                       "%.150s is there already: another name, or --replace", file);
        return cmd_fail(c, rc);
    }
    if (c->json) {
        struct cmd_json j;
        cmd_json_begin(&j);
        json_object(&j.w, "backup");
        json_put_cstr(&j.w, "file", file);
        json_put_int(&j.w, "bytes", bytes);
        json_object_end(&j.w);
        cmd_json_end(&j);
        return CMD_OK;
    }
    printf("%s, %s: whole, checked, on the disk, readable for its owner only.\n"
           "The installation's key is not in it: a copy of that belongs somewhere else.\n"
           "Back:  rollcall restore %s --to DATABASE\n",
           file, megabytes(c, bytes), file);
    return CMD_OK;
}

/* ---- restore ---- */

static void say_restored(struct cmd *c, const char *where, const char *aside,
                         const struct restored *r) {
    if (c->json) {
        struct cmd_json j;
        char at[32];
        cmd_json_begin(&j);
        json_object(&j.w, "restored");
        json_put_cstr(&j.w, "database", where);
        aside != NULL ? json_put_cstr(&j.w, "kept", aside) : json_put_null(&j.w, "kept");
        json_put_int(&j.w, "companies", r->companies);
        json_put_int(&j.w, "destinations", r->destinations);
        json_put_int(&j.w, "runs_ended", r->runs_ended);
        if (r->newest_us != 0)
            json_put_cstr(&j.w, "newest_run_at", date_format_instant(r->newest_us, at));
        else
            json_put_null(&j.w, "newest_run_at");
        json_object_end(&j.w);
        cmd_json_end(&j);
        return;
    }
    if (aside != NULL)
        printf("what was there is kept: %s\n", aside);
    printf("put back; the newest run that it knows of began %s\n", cmd_when(c, r->newest_us));
    if (r->runs_ended > 0)
        printf("runs that had not ended are over: %lld\n", (long long)r->runs_ended);
    puts(
        "\nWhat has happened since then it does not know. So nothing is sent to a platform before\n"
        "everybody has been read from HR once more, all accounts there are read anew, and what the\n"
        "first delivery would do is held until somebody approves it.\n"
        "Next:  rollcall sync COMPANY/INTEGRATION, then rollcall run show COMPANY/RUN");
}

static enum rc_code note(struct cmd *c, const char *where, struct restored *ret) {
    RC_CLEANUP(store_closep) struct store *st = NULL;
    secret_ready();
    enum rc_code rc = store_open(where, &st, &c->err);
    return rc != RC_OK ? rc : restored_note(st, clock_now_us(c->clock), cmd_who(c), ret, &c->err);
}

/* Someone else's newer database is not ours to put away. *ret_aside NULL: there is none. */
static enum rc_code make_room(struct cmd *c, const char *to, bool replaces,
                              const char **ret_aside) {
    char at[32];
    *ret_aside = NULL;
    if (access(to, F_OK) != 0)
        return RC_OK;
    if (!replaces)
        return rc_fail_as(
            &c->err, RC_CONFLICT, "copy.exists",
            "%.100s is there already: name another file, or say --replace; it is kept "
            "under another name then",
            to);
    enum rc_code rc = store_check(to, &c->err);
    if (rc != RC_OK)
        return rc;
    date_format_instant(clock_now_us(c->clock), at);
    const char *aside =
        arena_printf(&c->arena, "%s.before-%.10s-%.2s%.2s%.2s", to, at, at + 11, at + 14, at + 17);
    if ((rc = db_set_aside(to, aside, &c->err)) == RC_OK)
        *ret_aside = aside;
    return rc;
}

static enum rc_code restore(struct cmd *c, const char *file, const char *to, bool replaces,
                            const char **ret_aside, struct restored *ret) {
    const char *part = arena_printf(&c->arena, "%s.restoring", to);
    int64_t bytes;
    if (access(to, F_OK) == 0 && !replaces)
        return make_room(c, to, false, ret_aside); /* refused before anything is read */
    enum rc_code rc = cmd_check_owner(c, to);
    if (rc == RC_OK)
        rc = db_copy(file, part, DB_COPY_DATABASE, true, &bytes, &c->err);
    if (rc != RC_OK)
        return rc;
    if ((rc = note(c, part, ret)) == RC_OK && (rc = make_room(c, to, replaces, ret_aside)) == RC_OK)
        rc = db_put_in_place(part, to, &c->err);
    if (rc != RC_OK) {
        static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
        for (size_t i = 0; i < RC_LEN(ends); i++)
            unlink(arena_printf(&c->arena, "%s%s", part, ends[i]));
    }
    return rc;
}

enum cmd_exit cmd_restore(struct cmd *c, int argc, char **argv) {
    const char *file = NULL, *to = NULL, *replaces = NULL, *by_hand = NULL;
    const struct cmd_option options[] = {
        { "to", "DATABASE", "the file that is to be the database", .value = &to },
        { "replace", NULL,
          "a database that nobody uses may be there: it is kept under another name",
          .value = &replaces },
        { "by-hand", NULL,
          "without FILE: it has been put back by other means (pg_restore), and is to know that",
          .value = &by_hand },
        { 0 }
    };
    const char *aside = NULL;
    struct restored r = { 0 };
    enum rc_code rc;
    if (!cmd_parse(c, argc, argv, options, 0, 1, &file))
        return CMD_MISUSED;
    if (by_hand != NULL ? file != NULL || to != NULL || replaces != NULL
                        : file == NULL || to == NULL)
        return cmd_misused(
            c, "write rollcall restore FILE --to DATABASE; or, once pg_restore has run, "
               "rollcall restore --by-hand");
    if (by_hand != NULL) {
        if ((rc = cmd_named(c)) == RC_OK)
            rc = note(c, c->where, &r);
    } else
        rc = restore(c, file, to, replaces != NULL, &aside, &r);
    if (rc != RC_OK)
        return cmd_fail(c, rc);
    say_restored(c,
                 by_hand != NULL && is_postgres(c->where) ? "postgresql"
                 : to != NULL                             ? to
                                                          : c->where,
                 aside, &r);
    return CMD_OK;
}
