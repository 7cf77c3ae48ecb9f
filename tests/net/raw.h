/* raw.h - a TCP server that follows a script, for answers that no proper server gives. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum raw_what {
    RAW_END = 0,
    RAW_ACCEPT,
    RAW_READ,  /* one request, head and announced body */
    RAW_WRITE, /* bytes, up to NUL */
    RAW_CLOSE,
    RAW_DEAF, /* stops listening */
};
struct raw_step {
    enum raw_what what;
    const char *bytes;
};
struct raw;
/* Follows steps on a thread of its own; whatever is missing from them is not done. */
struct raw *raw_open(const struct raw_step *steps);
uint16_t raw_port(const struct raw *r);
unsigned raw_close(struct raw *r); /* ends it; the requests that were read */
/* Sends bytes to a port of this machine, reads until the end or the limit, returns what came, ended
 * by NUL. */
size_t raw_talk(uint16_t port, const char *bytes, char *ret, size_t ret_bytes);
