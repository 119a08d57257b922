#include "providers/real/rest.h"

#include <curl/curl.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "providers/real/door.h"
#include "providers/real/frame.h"
#include "providers/real/reading.h"
#include "providers/real/relay.h"

enum {
    ANSWER_MAX_BYTES = 4 * 1024 * 1024,
    TURN_MS = 1000, /* longest wait before libcurl's own timers are looked at */
    HTTP_OK = 200,
    HTTP_ACCEPTED = 202,
    SHOWN_BYTES = 200, /* of a refusal */
};

/* One request on its way. */
typedef struct Transfer {
    const NodeContext *context;
    const RestRequest *request;
    Door door;
    SshStream *stream;
    int fd; /* libcurl's end of the door; -1 before it has connected */
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    Text body;
    short events; /* that libcurl waits for */
    bool is_too_long;
    char error[CURL_ERROR_SIZE];
} Transfer;

static void transfer_end(Transfer *transfer)
{
    if (transfer->easy && transfer->multi)
        curl_multi_remove_handle(transfer->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    curl_multi_cleanup(transfer->multi);
    curl_slist_free_all(transfer->headers);
    if (transfer->stream)
        ssh_stream_close(transfer->stream);
    door_close(&transfer->door);
    text_release(&transfer->body);
}

/* -- libcurl's callbacks ----------------------------------------------------------------------- */

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    Transfer *transfer = context;
    if (transfer->body.length + size * count > transfer->request->max_bytes) {
        transfer->is_too_long = true;
        return 0;
    }
    text_add_bytes(&transfer->body, bytes, size * count);
    return size * count;
}

static int note_events(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
    Transfer *transfer = context;
    (void)easy;
    (void)unused;
    transfer->fd = fd;
    transfer->events =
        (short)(((what & CURL_POLL_IN) ? POLLIN : 0) | ((what & CURL_POLL_OUT) ? POLLOUT : 0));
    if (!transfer->events)
        transfer->events = POLLIN;
    return 0;
}

/* -- one request ------------------------------------------------------------------------------- */

static void set_blob(CURL *easy, CURLoption option, const char *text)
{
    // NOLINTNEXTLINE(performance-no-int-to-ptr): libcurl only reads it
    struct curl_blob blob = {(void *)(uintptr_t)text, strlen(text), CURL_BLOB_COPY};
    curl_easy_setopt(easy, option, &blob);
}

static void set_tls(CURL *easy, const RestTls *tls)
{
    enum { NAME_MUST_FIT = 2 };
    curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L); /* Go's server knows no http/1.0 there */
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls ? (long)NAME_MUST_FIT : 0L);
    if (!tls)
        return;
    set_blob(easy, CURLOPT_CAINFO_BLOB, tls->ca);
    set_blob(easy, CURLOPT_SSLCERT_BLOB, tls->cert);
    set_blob(easy, CURLOPT_SSLKEY_BLOB, tls->key);
}

static void set_common(Transfer *transfer, const char *url)
{
    CURL *easy = transfer->easy;
    int64_t left_ms = clock_left_ms(transfer->context->deadline_ms);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_0);
    set_tls(easy, transfer->request->tls);
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)transfer->request->max_bytes);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, transfer->door.path);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (left_ms >= 0)
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
}

/* Patroni wants a length with every body, and no question before it. */
static void set_request(Transfer *transfer)
{
    const RestRequest *request = transfer->request;
    CURL *easy = transfer->easy;
    transfer->headers = curl_slist_append(transfer->headers, "Expect:");
    if (request->body) {
        transfer->headers = curl_slist_append(transfer->headers, "Content-Type: application/json");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
    if (request->authorization && *request->authorization)
        transfer->headers = curl_slist_append(
            transfer->headers,
            arena_printf(transfer->context->arena, "Authorization: %s", request->authorization));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->user && *request->user) {
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, request->password ? request->password : "");
    }
}

static const char *server_of(const Transfer *transfer)
{
    return transfer->request->server ? transfer->request->server : "Patroni";
}

static Error *no_answer(const Transfer *transfer, CURLcode code)
{
    if (transfer->is_too_long || code == CURLE_FILESIZE_EXCEEDED)
        return error_new(ERROR_REFUSED, "the answer of %s is longer than %zu bytes",
                         server_of(transfer), transfer->request->max_bytes);
    return relay_error(transfer->stream,
                       error_new(ERROR_UNREACHABLE, "%s on %s does not answer %s: %s",
                                 server_of(transfer), transfer->context->host,
                                 transfer->request->path,
                                 transfer->error[0] ? transfer->error : curl_easy_strerror(code)));
}

/* libcurl has connected to the door by now: what it sends goes to the stream instead. */
static Error *splice(Transfer *transfer)
{
    int inner;
    if (transfer->fd < 0)
        return NULL;
    TRY(door_accept(&transfer->door, &inner));
    ssh_stream_splice(transfer->stream, inner, transfer->fd);
    return NULL;
}

/* libcurl decides what to wait for, the stream does the waiting. */
static Error *pump(Transfer *transfer)
{
    int running = 0;
    curl_multi_socket_action(transfer->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    TRY(splice(transfer));
    while (running) {
        short ready = 0;
        short events = transfer->events;
        int64_t until_ms = clock_monotonic_ms() + TURN_MS;
        CLEANUP(error_freep)
        Error *error = ssh_stream_wait(transfer->stream, events, until_ms, &ready);
        if (error && clock_monotonic_ms() < until_ms)
            return error_copy(error); /* lost, not just late */
        /* Whatever happened: libcurl finds out itself. */
        CURLMcode code = curl_multi_perform(transfer->multi, &running);
        if (code != CURLM_OK)
            return error_new(ERROR_LOCAL, "libcurl: %s", curl_multi_strerror(code));
    }
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(transfer->multi, &left);
    CURLcode code = message ? message->data.result : CURLE_GOT_NOTHING;
    return code == CURLE_OK ? NULL : no_answer(transfer, code);
}

/* What changes something goes through a relay that is fenced, which looks in the same places. */
static Error *connect_fenced(Transfer *transfer, int port)
{
    const NodeContext *context = transfer->context;
    const char *target = arena_printf(context->arena, "%s:%d", context->host, port);
    TRY(relay_begin(context, target, &transfer->stream));
    return ssh_stream_await(transfer->stream, context->deadline_ms);
}

/* On the node's address, where Patroni announces itself; else on its loopback. */
static Error *connect_stream(Transfer *transfer)
{
    const NodeContext *context = transfer->context;
    SshSession *session = context->loan->session;
    int port = transfer->request->port ? transfer->request->port : context->rest_port;
    if (context->fence)
        return connect_fenced(transfer, port);
    CLEANUP(error_freep)
    Error *error =
        ssh_stream_tcp(session, context->host, port, context->deadline_ms, &transfer->stream);
    if (!error)
        return NULL;
    Error *other =
        ssh_stream_tcp(session, "127.0.0.1", port, context->deadline_ms, &transfer->stream);
    if (!other)
        return NULL;
    error_free(other);
    Error *first = error;
    error = NULL;
    return error_wrap(first, "connecting to %s on %s", server_of(transfer), context->host);
}

static Error *prepare(Transfer *transfer)
{
    bool is_https = transfer->request->tls || transfer->context->rest_is_https;
    const char *scheme = is_https ? "https" : "http";
    transfer->multi = curl_multi_init();
    transfer->easy = curl_easy_init();
    if (!transfer->multi || !transfer->easy)
        return error_new(ERROR_LOCAL, "libcurl cannot start");
    set_common(transfer, arena_printf(transfer->context->arena, "%s://%s:%d%s", scheme,
                                      transfer->context->host, transfer->context->rest_port,
                                      transfer->request->path));
    set_request(transfer);
    curl_multi_setopt(transfer->multi, CURLMOPT_SOCKETFUNCTION, note_events);
    curl_multi_setopt(transfer->multi, CURLMOPT_SOCKETDATA, transfer);
    curl_multi_add_handle(transfer->multi, transfer->easy);
    return NULL;
}

Error *rest_call(const NodeContext *context, const RestRequest *request, RestAnswer *ret)
{
    CLEANUP(transfer_end)
    Transfer transfer = {.context = context,
                         .request = request,
                         .events = POLLIN,
                         .door = {.listener = -1},
                         .fd = -1};
    long status = 0;
    if (*request->path != '/')
        return error_new(ERROR_INVALID, "'%s' is not a path of an API", request->path);
    TRY(door_open(&transfer.door, "rest"));
    TRY(connect_stream(&transfer));
    TRY(prepare(&transfer));
    TRY(pump(&transfer));
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    *ret = (RestAnswer){
        .status = (int)status,
        .body = text_copy(&transfer.body, context->arena),
        .length = transfer.body.length,
    };
    return NULL;
}

Error *rest_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK
               ? NULL
               : error_new(ERROR_LOCAL, "libcurl cannot start");
}

/* -- sources and effects ----------------------------------------------------------------------- */

static Error *read_one(const NodeContext *context, const ReadRequest *request, const Value **ret)
{
    const Source *source = request->source;
    RestAnswer answer = {0};
    RestRequest get = {.method = "GET", .path = source->text, .max_bytes = source->max_bytes};
    TRY(rest_call(context, &get, &answer));
    return source->parse(context->arena, answer.body, answer.length, answer.status, ret);
}

void rest_read(const NodeContext *context, const ReadRequest *requests, size_t count,
               Reading *ret_readings)
{
    for (size_t i = 0; i < count; i++) {
        const Value *value = NULL;
        reading_start(&ret_readings[i], &requests[i]);
        Error *error = read_one(context, &requests[i], &value);
        if (error)
            reading_set_error(&ret_readings[i], context->arena, error);
        else
            reading_set_value(&ret_readings[i], value);
    }
}

static bool is_ok(const Value *ok, int status)
{
    if (value_count(ok) == 0)
        return status == HTTP_OK || status == HTTP_ACCEPTED;
    for (size_t i = 0; i < value_count(ok); i++) {
        if (value_as_int(value_at(ok, i), 0) == status)
            return true;
    }
    return false;
}

static const char *body_of(Arena *arena, const Value *body)
{
    if (!body || body->type == VALUE_NULL)
        return NULL;
    if (body->type == VALUE_TEXT)
        return body->text;
    CLEANUP(text_release) Text json = TEXT_INIT;
    json_write(&json, body);
    return text_copy(&json, arena);
}

/* Statuses with which Patroni says that it did nothing, because of what goes on just now: another
 * restart, a candidate that is not ready, an operation under way (Patroni's documentation, "Patroni
 * REST API"). */
static ErrorCode code_of(int status)
{
    static const int busy[] = {409, 412, 429, 503};
    for (size_t i = 0; i < COUNT_OF(busy); i++) {
        if (busy[i] == status)
            return ERROR_BUSY;
    }
    return ERROR_REFUSED;
}

Error *rest_perform(const NodeContext *context, const Effect *effect, NodeResult *ret)
{
    const Value *args = effect->args;
    RestAnswer answer = {0};
    RestRequest request = {
        .method = value_get_text(args, "method"),
        .path = value_get_text(args, "path"),
        .body = body_of(context->arena, value_get(args, "body")),
        .user = value_get_text(args, "user"),
        .password = value_get_text(args, "password"),
        .port = (int)value_get_int(args, "port", 0),
        .max_bytes = ANSWER_MAX_BYTES,
    };
    TRY(rest_call(context, &request, &answer));
    *ret = (NodeResult){.is_changed = strcmp(request.method, "GET") != 0, .said = answer.body};
    if (is_ok(value_get(args, "ok"), answer.status))
        return NULL;
    size_t length = answer.length < SHOWN_BYTES ? answer.length : SHOWN_BYTES;
    return error_new(code_of(answer.status), "Patroni answers %s %s with %d: %s", request.method,
                     request.path, answer.status,
                     frame_joined_lines(context->arena, answer.body, length));
}
