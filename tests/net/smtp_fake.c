#include "tests/net/smtp_fake.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct smtp_fake {
    int listener;
    _Atomic int connection; /* -1: none */
    uint16_t port;
    const char *const *answers;
    pthread_t thread;
    struct buf said, mail;
    _Atomic unsigned taken;
};

static const char *const usual[SMTP_PLACES_N] = {
    [SMTP_GREETING] = "220 fake\r\n", [SMTP_EHLO] = "250-fake\r\n250 AUTH PLAIN\r\n",
    [SMTP_STARTTLS] = "502 no\r\n",   [SMTP_AUTH] = "235 ok\r\n",
    [SMTP_MAIL] = "250 ok\r\n",       [SMTP_RCPT] = "250 ok\r\n",
    [SMTP_DATA] = "354 go on\r\n",    [SMTP_END] = "250 2.0.0 taken as 4711\r\n",
    [SMTP_QUIT] = "221 bye\r\n",
};

/* False: the connection is at its end. */
static bool say(struct smtp_fake *f, FILE *in, enum smtp_place at) {
    const char *answer = f->answers[at] != NULL ? f->answers[at] : usual[at];
    size_t len = strlen(answer);
    bool ends = len > 0 && answer[len - 1] == '!';
    if (len == 0) {
        while (fgetc(in) != EOF)
            ;
        return false;
    }
    if (send(f->connection, answer, len - ends, MSG_NOSIGNAL) < 0)
        return false;
    return !ends;
}

static bool take_mail(struct smtp_fake *f, FILE *in) {
    char line[2000];
    buf_clear(&f->mail);
    while (fgets(line, sizeof line, in) != NULL) {
        if (strcmp(line, ".\r\n") == 0)
            return true;
        buf_str(&f->mail, line[0] == '.' ? line + 1 : line);
    }
    return false;
}

static enum smtp_place place_of(const char *line) {
    static const char *const verbs[SMTP_PLACES_N] = {
        [SMTP_EHLO] = "EHLO", [SMTP_STARTTLS] = "STARTTLS", [SMTP_AUTH] = "AUTH",
        [SMTP_MAIL] = "MAIL", [SMTP_RCPT] = "RCPT",         [SMTP_DATA] = "DATA"
    };
    if (strncasecmp(line, "HELO", 4) == 0)
        return SMTP_EHLO;
    for (int i = 0; i < SMTP_PLACES_N; i++)
        if (verbs[i] != NULL && strncasecmp(line, verbs[i], strlen(verbs[i])) == 0)
            return (enum smtp_place)i;
    return SMTP_QUIT;
}

static void talk(struct smtp_fake *f, FILE *in) {
    char line[2000];
    if (!say(f, in, SMTP_GREETING))
        return;
    while (fgets(line, sizeof line, in) != NULL) {
        enum smtp_place at = place_of(line);
        buf_str(&f->said, line);
        if (at == SMTP_AUTH && f->answers[at] == NULL &&
            (send(f->connection, "334 \r\n", 6, MSG_NOSIGNAL) < 0 ||
             fgets(line, sizeof line, in) == NULL)) /* user and password, whatever they are */
            return;
        if (!say(f, in, at) || at == SMTP_QUIT)
            return;
        bool goes_on = f->answers[SMTP_DATA] == NULL;
        if (at != SMTP_DATA || !goes_on)
            continue;
        if (!take_mail(f, in))
            return;
        f->taken += f->answers[SMTP_END] == NULL || f->answers[SMTP_END][0] == '2';
        if (!say(f, in, SMTP_END))
            return;
    }
}

static void *serve(void *self) {
    struct smtp_fake *f = self;
    int fd;
    while ((fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        f->connection = fd;
        FILE *in = fdopen(fd, "r");
        if (in != NULL)
            talk(f, in);
        f->connection = -1;
        if (in != NULL)
            fclose(in);
        else
            close(fd);
    }
    return NULL;
}

struct smtp_fake *smtp_fake_open(const char *const answers[SMTP_PLACES_N]) {
    struct smtp_fake *f = mem_zalloc(sizeof *f);
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t a_bytes = sizeof a;
    f->connection = -1;
    f->answers = answers;
    buf_init(&f->said, 100000);
    buf_init(&f->mail, 200000);
    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (f->listener < 0 || bind(f->listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        listen(f->listener, 8) != 0 ||
        getsockname(f->listener, (struct sockaddr *)&a, &a_bytes) != 0)
        rc_die("smtp_fake: no socket");
    f->port = ntohs(a.sin_port);
    if (pthread_create(&f->thread, NULL, serve, f) != 0)
        rc_die("smtp_fake: no thread");
    return f;
}

uint16_t smtp_fake_port(const struct smtp_fake *f) {
    return f->port;
}

void smtp_fake_stop(struct smtp_fake *f) {
    int fd = f->connection;
    if (f->listener < 0)
        return;
    shutdown(f->listener, SHUT_RDWR); /* ends an accept */
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR); /* ends a read */
    pthread_join(f->thread, NULL);
    close(f->listener);
    f->listener = -1;
}

unsigned smtp_fake_taken(const struct smtp_fake *f) {
    return f->taken;
}

const char *smtp_fake_said(const struct smtp_fake *f) {
    return f->said.ptr != NULL ? f->said.ptr : "";
}

const char *smtp_fake_mail(const struct smtp_fake *f) {
    return f->mail.ptr != NULL ? f->mail.ptr : "";
}

void smtp_fake_free(struct smtp_fake *f) {
    if (f == NULL)
        return;
    smtp_fake_stop(f);
    buf_done(&f->said);
    buf_done(&f->mail);
    mem_free(f);
}
