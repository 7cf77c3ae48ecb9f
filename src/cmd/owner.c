/* Whose files the database is made of: whoever opens it as somebody else leaves files behind that `rollcall serve`
 * cannot open, or finds none of its own. */
#include <errno.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cmd/cmd.h"

/* Straight from the file: getpwuid() loads half of glibc's name service, which crashes when there is no memory. Who is known to a
 * directory server only is a number. */
const char *cmd_user(struct cmd *c, unsigned long uid) {
    const char *name = arena_printf(&c->arena, "user %lu", uid);
    FILE *f = fopen("/etc/passwd", "re");
    const struct passwd *pw;
    while (f != NULL && (pw = fgetpwent(f)) != NULL)
        if (pw->pw_uid == uid) {
            name = arena_str(&c->arena, pw->pw_name, strlen(pw->pw_name));
            break;
        }
    if (f != NULL)
        fclose(f);
    return name;
}

enum rc_code cmd_check_owner(struct cmd *c, const char *where) {
    struct stat st;
    if (strncmp(where, "postgres", 8) == 0 || strcmp(where, ":memory:") == 0)
        return RC_OK;
    char *folder = dirname(arena_str(&c->arena, where, strlen(where)));
    bool is_there = stat(where, &st) == 0;
    if (!is_there && stat(folder, &st) != 0)
        return RC_OK; /* opening it says what is wrong */
    unsigned long owner = st.st_uid, me = geteuid();
    if (me == 0 && owner != 0)
        return rc_fail_as(
            &c->err, RC_AUTH, "db.owner",
            "%.80s belongs to %.30s: what root makes there would keep `rollcall serve` "
            "from starting. Instead: runuser -u %.30s -- rollcall ...",
            where, cmd_user(c, owner), cmd_user(c, owner));
    if (is_there && owner != me && access(where, R_OK | W_OK) != 0 && errno == EACCES)
        return rc_fail_as(
            &c->err, RC_AUTH, "db.owner",
            "%.80s belongs to %.30s, and this is %.30s: run it as that user, or give the "
            "file to this one (chown)",
            where, cmd_user(c, owner), cmd_user(c, me));
    return RC_OK;
}
