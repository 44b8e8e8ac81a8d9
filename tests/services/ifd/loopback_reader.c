/* A smart card reader for pcscd whose card is a process on this machine (PC/SC part 3, IFD handler 3.0).
 *
 * DEVICENAME in reader.conf is FILE:PORT. The reader listens on 127.0.0.1:PORT only; a card is inserted when a process
 * connects, and removed when that connection closes. While FILE is gone the reader is unplugged; while FILE has content
 * the reader is plugged in and has no power.
 * Messages both ways: two bytes of length, big endian, then the payload. A payload of one byte is for the reader's
 * contacts, not for the card: 0 power off, 1 power on, 2 reset, 4 tell the ATR (the only one that is answered).
 * This is the format of Debian's virtual reader too, so the same card processes serve both.
 *
 * While FILE.pad exists the reader has keys for a PIN (PC/SC part 10). Its bytes are the tags of the features its driver
 * tells of. Each of their commands goes to the process at the contacts, which plays the keys as well: FF, the tag, then
 * what the computer sent; what that process answers goes back to the computer.
 * While FILE.record exists it grows by all that passes between computer and driver: a letter (T and t command and answer
 * of the card, C and c of the driver), four bytes of length, big endian, and the bytes.
 */
#include <PCSC/ifdhandler.h>
#include <PCSC/reader.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_READERS = 16, MAX_MESSAGE = 0xFFFF, LONGEST_WAIT_MS = 100, MAX_PATH = 256 };
enum { MAX_PAD_MESSAGE = 600, PAD_MARK = 0xFF, MAX_FEATURES = 32, PAD_WAIT_MS = 20 };
enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, TELL_ATR = 4 };

struct reader {
    int in_use;
    DWORD lun;
    char plug[MAX_PATH]; /* the file that stands for the cable */
    int listener; /* the empty slot */
    int card;     /* the inserted card's connection, or -1 */
    UCHAR atr[MAX_ATR_SIZE];
    DWORD atr_length;
    pthread_mutex_t lock; /* one exchange at a time */
};

static struct reader readers[MAX_READERS];

static struct reader *find(DWORD lun)
{
    for (int i = 0; i < MAX_READERS; i++)
        if (readers[i].in_use && readers[i].lun == lun)
            return &readers[i];
    return NULL;
}

/* What the driver of a real reader finds out by talking to it. */
static RESPONSECODE reach(const struct reader *reader)
{
    struct stat plug;

    if (reader == NULL)
        return IFD_COMMUNICATION_ERROR;
    if (stat(reader->plug, &plug) != 0)
        return IFD_NO_SUCH_DEVICE;
    return plug.st_size == 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

/* A file beside the one that stands for the cable, or -1. */
static int open_beside(const struct reader *reader, const char *suffix, int flags)
{
    char path[MAX_PATH + 16];

    snprintf(path, sizeof path, "%s%s", reader->plug, suffix);
    return open(path, flags | O_CLOEXEC);
}

static void record(const struct reader *reader, char kind, const unsigned char *bytes, size_t length)
{
    unsigned char head[5] = { (unsigned char)kind, (unsigned char)(length >> 24), (unsigned char)(length >> 16),
                              (unsigned char)(length >> 8), (unsigned char)length };
    int fd = open_beside(reader, ".record", O_WRONLY | O_APPEND);

    if (fd < 0)
        return;
    if (write(fd, head, sizeof head) != sizeof head || write(fd, bytes, length) != (ssize_t)length)
        abort(); /* a record with a hole would prove nothing */
    close(fd);
}

/* The tags of the features this reader has now; how many. */
static size_t pad_features(const struct reader *reader, unsigned char *tags)
{
    int fd = open_beside(reader, ".pad", O_RDONLY);
    ssize_t count = fd < 0 ? 0 : read(fd, tags, MAX_FEATURES);

    if (fd >= 0)
        close(fd);
    return count < 0 ? 0 : (size_t)count;
}

static void take_out(struct reader *reader)
{
    if (reader->card >= 0)
        close(reader->card);
    reader->card = -1;
    reader->atr_length = 0;
}

static int write_all(int fd, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = send(fd, bytes, length, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        bytes += count;
        length -= (size_t)count;
    }
    return 0;
}

static int read_all(int fd, unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = recv(fd, bytes, length, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return -1;
        bytes += count;
        length -= (size_t)count;
    }
    return 0;
}

/* Length and payload leave in one write: two would wait for each other's acknowledgement, 40 ms a command. */
static int send_message(struct reader *reader, const unsigned char *payload, size_t length)
{
    static const size_t head = 2;
    unsigned char *message;
    int failed;

    if (reader->card < 0 || length > MAX_MESSAGE || (message = malloc(head + length)) == NULL)
        return -1;
    message[0] = (unsigned char)(length >> 8);
    message[1] = (unsigned char)length;
    memcpy(message + head, payload, length);
    failed = write_all(reader->card, message, head + length);
    free(message);
    if (failed)
        take_out(reader);
    return failed;
}

/* Returns the payload's length, or -1 when the card has gone. */
static long receive_message(struct reader *reader, unsigned char *payload, size_t capacity)
{
    unsigned char head[2];
    size_t length;

    if (read_all(reader->card, head, sizeof head) == 0) {
        length = (size_t)(head[0] << 8 | head[1]);
        if (length <= capacity && read_all(reader->card, payload, length) == 0)
            return (long)length;
    }
    take_out(reader);
    return -1;
}

/* Looks whether the connected card has left, and whether one waits to be let in. */
static int card_is_present(struct reader *reader)
{
    char byte;
    int on = 1;

    if (reader->card >= 0 && recv(reader->card, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
        take_out(reader);
    if (reader->card < 0) {
        reader->card = accept4(reader->listener, NULL, NULL, SOCK_CLOEXEC);
        if (reader->card >= 0)
            setsockopt(reader->card, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return reader->card >= 0;
}

static int listen_on_loopback(unsigned short port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

RESPONSECODE IFDHCreateChannelByName(DWORD lun, LPSTR name)
{
    struct reader *reader = NULL;
    char *port = strrchr(name, ':');

    for (int i = 0; i < MAX_READERS && reader == NULL; i++)
        if (!readers[i].in_use)
            reader = &readers[i];
    if (reader == NULL || port == NULL || port - name >= MAX_PATH)
        return IFD_COMMUNICATION_ERROR;
    memset(reader, 0, sizeof *reader);
    reader->lun = lun;
    reader->card = -1;
    memcpy(reader->plug, name, (size_t)(port - name));
    pthread_mutex_init(&reader->lock, NULL);
    reader->listener = listen_on_loopback((unsigned short)strtoul(port + 1, NULL, 10));
    if (reader->listener < 0)
        return IFD_COMMUNICATION_ERROR;
    reader->in_use = 1;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHCreateChannel(DWORD lun, DWORD channel)
{
    (void)lun;
    (void)channel;
    return IFD_NOT_SUPPORTED;
}

RESPONSECODE IFDHCloseChannel(DWORD lun)
{
    struct reader *reader = find(lun);

    if (reader != NULL) {
        take_out(reader);
        close(reader->listener);
        reader->in_use = 0;
    }
    return IFD_SUCCESS;
}

/* pcscd calls this instead of sleeping between two looks: it returns as soon as a card comes or goes. */
static RESPONSECODE wait_for_event(DWORD lun, int timeout_ms)
{
    struct reader *reader = find(lun);
    struct pollfd watched;

    if (reader == NULL)
        return IFD_COMMUNICATION_ERROR;
    watched.fd = reader->card >= 0 ? reader->card : reader->listener;
    watched.events = reader->card >= 0 ? POLLRDHUP : POLLIN;
    poll(&watched, 1, timeout_ms < LONGEST_WAIT_MS ? timeout_ms : LONGEST_WAIT_MS);
    return IFD_SUCCESS;
}

static RESPONSECODE give(PDWORD length, PUCHAR value, const void *given, DWORD given_length)
{
    if (*length < given_length)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    memcpy(value, given, given_length);
    *length = given_length;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHGetCapabilities(DWORD lun, DWORD tag, PDWORD length, PUCHAR value)
{
    static const UCHAR one = 1, zero = 0, readers_at_once = MAX_READERS;
    struct reader *reader = find(lun);
    RESPONSECODE (*waiter)(DWORD, int) = wait_for_event;

    switch (tag) {
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING:
        return reader == NULL ? IFD_COMMUNICATION_ERROR : give(length, value, reader->atr, reader->atr_length);
    case TAG_IFD_SLOTS_NUMBER:
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_POLLING_THREAD_KILLABLE:
        return give(length, value, &one, 1);
    case TAG_IFD_SLOT_THREAD_SAFE:
        return give(length, value, &zero, 1);
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return give(length, value, &readers_at_once, 1);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return give(length, value, &waiter, sizeof waiter);
    default:
        return IFD_ERROR_TAG;
    }
}

RESPONSECODE IFDHSetCapabilities(DWORD lun, DWORD tag, DWORD length, PUCHAR value)
{
    (void)lun;
    (void)tag;
    (void)length;
    (void)value;
    return IFD_NOT_SUPPORTED;
}

/* Whole commands travel, so there is nothing to negotiate. */
RESPONSECODE IFDHSetProtocolParameters(DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3)
{
    (void)lun;
    (void)protocol;
    (void)flags;
    (void)pts1;
    (void)pts2;
    (void)pts3;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHICCPresence(DWORD lun)
{
    struct reader *reader = find(lun);
    RESPONSECODE reached = reach(reader);
    int present;

    if (reached != IFD_SUCCESS)
        return reached;
    pthread_mutex_lock(&reader->lock);
    present = card_is_present(reader);
    pthread_mutex_unlock(&reader->lock);
    return present ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}

static RESPONSECODE power_up(struct reader *reader, unsigned char how, PUCHAR atr, PDWORD atr_length)
{
    static const unsigned char tell = TELL_ATR;
    long length;

    if (!card_is_present(reader) || send_message(reader, &how, 1) != 0 || send_message(reader, &tell, 1) != 0)
        return IFD_ERROR_POWER_ACTION;
    length = receive_message(reader, reader->atr, sizeof reader->atr);
    if (length <= 0)
        return IFD_ERROR_POWER_ACTION;
    reader->atr_length = (DWORD)length;
    memcpy(atr, reader->atr, reader->atr_length);
    *atr_length = reader->atr_length;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD lun, DWORD action, PUCHAR atr, PDWORD atr_length)
{
    static const unsigned char off = POWER_OFF;
    struct reader *reader = find(lun);
    RESPONSECODE outcome = reach(reader);

    if (outcome != IFD_SUCCESS)
        return outcome;
    pthread_mutex_lock(&reader->lock);
    if (action != IFD_POWER_DOWN)
        outcome = power_up(reader, action == IFD_RESET ? RESET : POWER_ON, atr, atr_length);
    else if (reader->card >= 0)
        send_message(reader, &off, 1);
    pthread_mutex_unlock(&reader->lock);
    return outcome;
}

RESPONSECODE IFDHTransmitToICC(DWORD lun, SCARD_IO_HEADER sent_by, PUCHAR command, DWORD command_length, PUCHAR response,
                               PDWORD response_length, PSCARD_IO_HEADER received_by)
{
    struct reader *reader = find(lun);
    RESPONSECODE reached = reach(reader);
    long length = -1;

    if (reached != IFD_SUCCESS)
        return reached;
    record(reader, 'T', command, command_length);
    pthread_mutex_lock(&reader->lock);
    if (send_message(reader, command, command_length) == 0)
        length = receive_message(reader, response, *response_length);
    pthread_mutex_unlock(&reader->lock);
    if (length > 0)
        record(reader, 't', response, (size_t)length);
    if (length < 2) {
        *response_length = 0;
        return IFD_ICC_NOT_PRESENT;
    }
    *response_length = (DWORD)length;
    if (received_by != NULL)
        received_by->Protocol = sent_by.Protocol;
    return IFD_SUCCESS;
}

/* Which of the reader's features a control code means: -1 for none. */
static int feature_of(const unsigned char *tags, size_t count, DWORD code)
{
    for (size_t i = 0; i < count; i++)
        if (code == (DWORD)SCARD_CTL_CODE(3500 + tags[i]))
            return tags[i];
    return -1;
}

static RESPONSECODE tell_features(const unsigned char *tags, size_t count, PUCHAR received, DWORD capacity,
                                  LPDWORD received_length)
{
    if (capacity < 6 * count)
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    for (size_t i = 0; i < count; i++) {
        unsigned long code = SCARD_CTL_CODE(3500 + tags[i]);
        const unsigned char entry[6] = { tags[i], 4, (unsigned char)(code >> 24), (unsigned char)(code >> 16),
                                         (unsigned char)(code >> 8), (unsigned char)code };

        memcpy(received + 6 * i, entry, sizeof entry);
    }
    *received_length = (DWORD)(6 * count);
    return IFD_SUCCESS;
}

/* Waits for the keys as long as they take; a cable that is pulled meanwhile ends it, and the card loses its power. */
static long receive_from_pad(struct reader *reader, unsigned char *received, size_t capacity)
{
    struct pollfd answer = { .fd = reader->card, .events = POLLIN };

    while (poll(&answer, 1, PAD_WAIT_MS) == 0)
        if (reach(reader) != IFD_SUCCESS) {
            take_out(reader);
            return -1;
        }
    return receive_message(reader, received, capacity);
}

static RESPONSECODE ask_pad(struct reader *reader, int feature, PUCHAR sent, DWORD sent_length, PUCHAR received,
                            DWORD capacity, LPDWORD received_length)
{
    unsigned char message[2 + MAX_PAD_MESSAGE] = { PAD_MARK, (unsigned char)feature };
    long length = -1;

    if (sent_length > MAX_PAD_MESSAGE)
        return IFD_COMMUNICATION_ERROR;
    memcpy(message + 2, sent, sent_length);
    pthread_mutex_lock(&reader->lock);
    if (send_message(reader, message, 2 + sent_length) == 0)
        length = receive_from_pad(reader, received, capacity);
    pthread_mutex_unlock(&reader->lock);
    if (length < 0)
        return reach(reader) == IFD_SUCCESS ? IFD_ICC_NOT_PRESENT : reach(reader);
    *received_length = (DWORD)length;
    return IFD_SUCCESS;
}

RESPONSECODE IFDHControl(DWORD lun, DWORD code, PUCHAR sent, DWORD sent_length, PUCHAR received, DWORD capacity,
                         LPDWORD received_length)
{
    struct reader *reader = find(lun);
    RESPONSECODE outcome = reach(reader);
    unsigned char tags[MAX_FEATURES];
    size_t count;
    int feature;

    *received_length = 0;
    if (outcome != IFD_SUCCESS)
        return outcome;
    record(reader, 'C', sent, sent_length);
    count = pad_features(reader, tags);
    feature = feature_of(tags, count, code);
    if (count > 0 && code == CM_IOCTL_GET_FEATURE_REQUEST)
        outcome = tell_features(tags, count, received, capacity, received_length);
    else if (feature >= 0)
        outcome = ask_pad(reader, feature, sent, sent_length, received, capacity, received_length);
    else
        outcome = IFD_ERROR_NOT_SUPPORTED;
    record(reader, 'c', received, *received_length);
    return outcome;
}
