/* asks.h - a client that asks, and a server that answers as the query says.
 *
 * Shape:  one server a program, asks_open() to asks_close(); a client a test, by ASKS(options). */
#pragma once
#include <stdatomic.h>

#include "net/client.h"
#include "net/server.h"
#include "tests/check.h"

/* Every URL asked has this in its query, and every request in a header: no message may show it. */
#define SECRET "s3cr3t"
#define S      1000000

extern struct server *asks_server;
extern _Atomic unsigned asks_served; /* requests so far */
extern char asks_filler[200000];     /* what bodies are made of */
int asks_open(void **state);
int asks_close(void **state);

struct asks {
    struct clock_fake fake;
    struct clock_source clock;
    struct http_client *client;
    struct http_response response;
    struct buf body;
    struct rc_error err;
    char url[600];
};
void asks_init(struct asks *f, const struct http_client_options *o);
void asks_done(struct asks *f);
#define ASKS(...)                                                                                  \
    __attribute__((cleanup(asks_done))) struct asks f;                                             \
    (void)state;                                                                                   \
    asks_init(&f, &(struct http_client_options){ __VA_ARGS__ })

enum rc_code asks_as(struct asks *f, const char *method, bool changes, uint16_t port,
                     const char *path);
enum rc_code asks_get(struct asks *f, const char *path);
enum rc_code asks_post(struct asks *f, const char *path);
void assert_failed(const struct asks *f, const char *name, const char *says);
