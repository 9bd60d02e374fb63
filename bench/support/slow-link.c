/*
 * slow-link ROUND_TRIP_MS: two network namespaces joined by a line of a fixed round-trip time, with the real TCP of
 * the kernel at both ends, so that handshakes, slow start and Nagle's algorithm cost what they cost.
 *
 * Each namespace has one TUN device; every packet that leaves one is handed to the other half a round trip later.
 * Nothing is lost. The namespaces have no name: they are open files of this process (see setns(2), nsenter(1)), which
 * ends with its standard input, and so does all of it.
 *
 * Says "ready CLIENT SERVER", the descriptors of the namespaces, and then answers each line of standard input:
 *   limit BYTES   from the server, so many bytes a second on each TCP connection; 0: no limit -> "limited"
 *   counts        since the start -> "CONNECTIONS BYTES_FROM_CLIENT BYTES_FROM_SERVER", of TCP's payload
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#define __FAVOR_BSD
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MTU 1500
#define SECOND 1000000000ull

enum { CLIENT, SERVER };

struct side {
  int tun, namespace;
  uint64_t bytes;
};

struct packet {
  uint64_t due, order;
  int to, length;
  unsigned char content[];
};

static struct side sides[2];
static uint64_t delay, rate, connections;

/* When the last byte of a connection has left the server, for each port of the client: it has one connection each. */
static uint64_t sent[65536];

/* What is under way: a heap with the next one on top. */
static struct packet **heap;
static size_t under_way, room;
static uint64_t order;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

static void configure(int any, unsigned long request, struct ifreq *device, const char *what) {
  if (ioctl(any, request, device)) fail(what);
}

static void set_address(int any, unsigned long request, struct ifreq *device, const char *address) {
  struct sockaddr_in *field = (struct sockaddr_in *)&device->ifr_addr;
  memset(field, 0, sizeof *field);
  field->sin_family = AF_INET;
  inet_pton(AF_INET, address, &field->sin_addr);
  configure(any, request, device, address);
}

/* Makes a namespace, which this process is in then, with a device. */
static void make(struct side *side, const char *address) {
  if (unshare(CLONE_NEWNET)) fail("a network namespace");
  side->namespace = open("/proc/self/ns/net", O_RDONLY);
  side->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  int any = socket(AF_INET, SOCK_DGRAM, 0);
  if (side->namespace < 0 || side->tun < 0 || any < 0) fail("/dev/net/tun");
  struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  configure(any, SIOCSIFFLAGS, &loopback, "lo");
  struct ifreq device = {.ifr_name = "slow", .ifr_flags = IFF_TUN | IFF_NO_PI};
  configure(side->tun, TUNSETIFF, &device, "TUNSETIFF");
  set_address(any, SIOCSIFADDR, &device, address);
  set_address(any, SIOCSIFNETMASK, &device, "255.255.255.0");
  device.ifr_mtu = MTU;
  configure(any, SIOCSIFMTU, &device, "MTU");
  device.ifr_qlen = 20000; /* packets: more than windows hold, for what does not fit is lost */
  configure(any, SIOCSIFTXQLEN, &device, "queue");
  device.ifr_flags = IFF_UP | IFF_RUNNING;
  configure(any, SIOCSIFFLAGS, &device, "up");
  close(any);
}

static int before(const struct packet *one, const struct packet *other) {
  return one->due != other->due ? one->due < other->due : one->order < other->order;
}

static void push(struct packet *packet) {
  if (under_way == room) {
    room = room ? 2 * room : 1024;
    if (!(heap = realloc(heap, room * sizeof *heap))) fail("memory");
  }
  size_t place = under_way++;
  for (size_t above; place > 0 && before(packet, heap[above = (place - 1) / 2]); place = above) heap[place] = heap[above];
  heap[place] = packet;
}

static struct packet *pop(void) {
  struct packet *top = heap[0], *last = heap[--under_way];
  size_t place = 0;
  for (size_t below; (below = 2 * place + 1) < under_way; place = below) {
    if (below + 1 < under_way && before(heap[below + 1], heap[below])) below++;
    if (!before(heap[below], last)) break;
    heap[place] = heap[below];
  }
  heap[place] = last;
  return top;
}

/* Counts a packet and tells when it has left its side: later than it came where the rate has a limit. */
static uint64_t leaves(int from, const unsigned char *content, int length, uint64_t arrived) {
  const struct ip *ip = (const struct ip *)content;
  if (ip->ip_v != 4 || ip->ip_p != IPPROTO_TCP) return arrived;
  const struct tcphdr *tcp = (const struct tcphdr *)(content + 4 * ip->ip_hl);
  int bytes = length - 4 * ip->ip_hl - 4 * tcp->th_off;
  sides[from].bytes += bytes;
  if ((tcp->th_flags & (TH_SYN | TH_ACK)) == TH_SYN) connections++;
  if (from == CLIENT || rate == 0) return arrived;
  uint64_t *last = &sent[ntohs(tcp->th_dport)];
  *last = (*last > arrived ? *last : arrived) + bytes * SECOND / rate;
  return *last;
}

static void take(int from) {
  unsigned char content[MTU];
  int length;
  for (int count = 0; count < 64 && (length = read(sides[from].tun, content, sizeof content)) > 0; count++) {
    struct packet *packet = malloc(sizeof *packet + length);
    if (!packet) fail("memory");
    memcpy(packet->content, content, length);
    packet->length = length;
    packet->to = 1 - from;
    packet->order = order++;
    packet->due = leaves(from, content, length, now()) + delay;
    push(packet);
  }
}

static void deliver(void) {
  uint64_t time = now();
  while (under_way > 0 && heap[0]->due <= time) {
    struct packet *packet = pop();
    if (write(sides[packet->to].tun, packet->content, packet->length) < 0) perror("a packet is lost");
    free(packet);
  }
}

/* Does what a line of standard input says. */
static void obey(void) {
  char line[100];
  ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
  if (length < 0 && errno == EINTR) return;
  if (length <= 0) exit(0);
  line[length] = 0;
  if (sscanf(line, "limit %" SCNu64, &rate) == 1) {
    memset(sent, 0, sizeof sent);
    printf("limited\n");
  } else {
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", connections, sides[CLIENT].bytes, sides[SERVER].bytes);
  }
  fflush(stdout);
}

int main(int count, char **words) {
  if (count != 2) return fprintf(stderr, "slow-link ROUND_TRIP_MS\n"), 2;
  delay = strtod(words[1], NULL) * 1e6 / 2;
  prctl(PR_SET_TIMERSLACK, 1);
  make(&sides[CLIENT], "198.18.0.1"); /* RFC 2544: addresses for benchmarks */
  make(&sides[SERVER], "198.18.0.2");
  printf("ready %d %d\n", sides[CLIENT].namespace, sides[SERVER].namespace);
  fflush(stdout);
  for (;;) {
    deliver();
    uint64_t time = now(), wait = under_way > 0 && heap[0]->due > time ? heap[0]->due - time : 0;
    struct timespec limit = {.tv_sec = wait / SECOND, .tv_nsec = wait % SECOND};
    struct pollfd sources[] = {{sides[CLIENT].tun, POLLIN, 0}, {sides[SERVER].tun, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    if (ppoll(sources, 3, under_way > 0 ? &limit : NULL, NULL) < 0 && errno != EINTR) fail("ppoll");
    if (sources[2].revents) obey();
    take(CLIENT);
    take(SERVER);
  }
}
