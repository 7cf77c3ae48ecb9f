/* server_request.c - what was asked, as libmicrohttpd tells it. */
#include <netdb.h>
#include <string.h>
#include <strings.h>
#include <netinet/in.h>
#include "net/server_p.h"

static int hex_of(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *server_decoded(struct arena *a, const char *bytes, size_t len, bool plus_is_blank) {
    char *ret = arena_alloc(a, len + 1), *out = ret;
    for (size_t i = 0; i < len; i++) {
        int high = bytes[i] == '%' && i + 2 < len ? hex_of(bytes[i + 1]) : -1;
        int low = high >= 0 ? hex_of(bytes[i + 2]) : -1;
        if (low >= 0 && (high | low) != 0) {
            *out++ = (char)(high << 4 | low);
            i += 2;
        } else {
            *out++ = plus_is_blank && bytes[i] == '+' ? ' ' : bytes[i];
        }
    }
    *out = '\0';
    return ret;
}

const char *server_header(const struct server_request *q, const char *name) {
    const struct conn *c = q->connection;
    return MHD_lookup_connection_value(c->mhd, MHD_HEADER_KIND, name);
}

const char *server_argument(const struct server_request *q, const char *name, unsigned nth) {
    for (const char *p = q->query; *p != '\0';) {
        size_t len = strcspn(p, "&"), name_len = strcspn(p, "=&");
        if (strcmp(server_decoded(q->arena, p, name_len, true), name) == 0 && nth-- == 0)
            return name_len == len
                       ? ""
                       : server_decoded(q->arena, p + name_len + 1, len - name_len - 1, true);
        p += len + (p[len] == '&');
    }
    return NULL;
}

void server_address(const struct server_request *q, char ret[SERVER_ADDRESS_BYTES]) {
    const struct conn *c = q->connection;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *from = info != NULL ? info->client_addr : NULL;
    socklen_t bytes = from != NULL && from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                                  : sizeof(struct sockaddr_in);
    ret[0] = '\0';
    if (from != NULL &&
        getnameinfo(from, bytes, ret, SERVER_ADDRESS_BYTES, NULL, 0, NI_NUMERICHOST) != 0)
        ret[0] = '\0';
}

struct each_header {
    void (*each)(void *self, const char *name, const char *value);
    void *self;
};

static enum MHD_Result pass_header(void *self, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    const struct each_header *e = self;
    (void)kind;
    e->each(e->self, name, value != NULL ? value : "");
    return MHD_YES;
}

void server_each_header(const struct server_request *q,
                        void (*each)(void *self, const char *name, const char *value), void *self) {
    struct each_header e = { each, self };
    const struct conn *c = q->connection;
    MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, pass_header, &e);
}

/* ---- where a body ends ---- */

struct framing {
    unsigned lengths_n, codings_n;
    bool is_odd; /* a coding that is not "chunked" */
};

static enum MHD_Result see_framing(void *self, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    struct framing *f = self;
    (void)kind;
    if (strcasecmp(name, "Content-Length") == 0)
        f->lengths_n++;
    if (strcasecmp(name, "Transfer-Encoding") == 0) {
        f->codings_n++;
        f->is_odd = f->is_odd || value == NULL || strcasecmp(value, "chunked") != 0;
    }
    return MHD_YES;
}

bool server_ends_in_doubt(const struct conn *c) {
    struct framing f = { 0 };
    MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, see_framing, &f);
    return f.lengths_n + f.codings_n > 1 || f.is_odd;
}
