/* picture.c - profile pictures: a square in the person's colour, as PNG in stored blocks or as the
 * smallest JPEG.
 * Source: PNG (RFC 2083), zlib (RFC 1950), docs/wire-personio.md, pictures. */
#include <stdlib.h>
#include <string.h>
#include "sandbox/personio/personio.h"

enum { SIDE = 75, HUGE_BYTES = 32 << 20 };

static void put_big(struct buf *b, uint32_t n) {
    const char bytes[4] = { (char)(n >> 24), (char)(n >> 16 & 255), (char)(n >> 8 & 255),
                            (char)(n & 255) };
    buf_append(b, bytes, 4);
}

static void put_chunk(struct buf *b, const char *type, const char *bytes, size_t len) {
    put_big(b, (uint32_t)len);
    size_t from = b->len;
    buf_append(b, type, 4);
    buf_append(b, bytes, len);
    put_big(b, crc32_of(b->ptr + from, b->len - from));
}

static void put_png(struct buf *b, uint32_t colour, unsigned side) {
    struct buf raw, z;
    buf_init(&raw, 1 << 20);
    buf_init(&z, 1 << 20);
    for (unsigned y = 0; y < side; y++) {
        buf_char(&raw, 0); /* no filter */
        for (unsigned x = 0; x < side; x++) {
            const char pixel[3] = { (char)(colour & 255), (char)(colour >> 8 & 255),
                                    (char)(colour >> 16 & 255) };
            buf_append(&raw, pixel, 3);
        }
    }
    uint32_t a = 1, s = 0;
    for (size_t i = 0; i < raw.len; i++) {
        a = (a + (unsigned char)raw.ptr[i]) % 65521;
        s = (s + a) % 65521;
    }
    buf_append(&z, "\x78\x01", 2);
    for (size_t at = 0; at < raw.len;) {
        size_t n = raw.len - at < 65535 ? raw.len - at : 65535;
        const char head[5] = { (char)(at + n == raw.len), (char)(n & 255), (char)(n >> 8),
                               (char)(~n & 255), (char)(~n >> 8 & 255) };
        buf_append(&z, head, 5);
        buf_append(&z, raw.ptr + at, n);
        at += n;
    }
    put_big(&z, s << 16 | a);
    buf_append(b, "\x89PNG\r\n\x1a\n", 8);
    char header[13] = { 0, 0, 0, (char)side, 0, 0, 0, (char)side, 8, 2, 0, 0, 0 };
    put_chunk(b, "IHDR", header, sizeof header);
    put_chunk(b, "IDAT", z.ptr, z.len);
    put_chunk(b, "IEND", "", 0);
    buf_done(&z);
    buf_done(&raw);
}

/* Start, an APP0 segment that says JFIF, end: enough for who looks at the first bytes. */
static void put_jpeg(struct buf *b) {
    buf_append(b, "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9",
               22);
}

static void answer_none(struct call *c) {
    if (sw(c->sb, SW_PICTURE_404))
        answer_v1_error(c, 404, 0, "personio.core.api.exceptions.api.not.found.http.exception");
    else
        answer_v1_error(c, 404, 404, "Etwas ist schiefgelaufen ...");
}

void picture_get(struct call *c) {
    struct sandbox *sb = c->sb;
    const struct reader *k = reader_of(c->token.credential);
    uint32_t index = world_find(&personio_of(sb)->world, strtoll(c->rest, NULL, 10));
    const struct person *p = index == NOBODY ? NULL : world_shown(&personio_of(sb)->world, index);
    const char *width = strrchr(c->rest, '/') + 1, *type = "image/png";
    struct buf b;
    if (p == NULL || !reader_sees(k, &personio_of(sb)->world, p) ||
        (k->attrs & ATTR_BIT(ATTR_PICTURE)) == 0 || (p->quirks & QUIRK_PICTURE) == 0) {
        answer_none(c);
        return;
    }
    int side =
        sw(sb, SW_PICTURE_WIDTH) && atoi(width) > 0 && atoi(width) < SIDE ? atoi(width) : SIDE;
    buf_init(&b, HUGE_BYTES + 65536);
    switch (sw(sb, SW_PICTURE_TYPE)) {
    case 1:
        type = "image/jpeg";
        put_jpeg(&b);
        break;
    case 2:
        type = "image/jpeg";
        put_png(&b, p->id * 2654435761u, (unsigned)side);
        break;
    case 3: break;
    case 5:
        type = "text/html";
        buf_str(&b, "<html>login</html>");
        break;
    default: put_png(&b, p->id * 2654435761u, (unsigned)side); break;
    }
    if (sw(sb, SW_PICTURE_TYPE) == 4) {
        memset(buf_room(&b, HUGE_BYTES), 0, HUGE_BYTES);
        buf_grew(&b, HUGE_BYTES);
    }
    answer_buf(c, 200, type, &b);
    buf_done(&b);
}
