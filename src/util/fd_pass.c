/*
 * fd_pass: a descriptor goes to another process over a Unix socket, unix(7).
 * Touches the socket.
 */
#include "util/fd_pass.h"

#include <string.h>
#include <sys/socket.h>

/* Room for one descriptor beside one byte, without which nothing would be sent. */
struct fd_parcel {
	char byte;
	struct iovec data;
	struct msghdr msg;
	union { /* the last, since glibc's struct ends in an array without a length */
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
};

static struct msghdr *fd_pack(struct fd_parcel *p)
{
	*p = (struct fd_parcel){ .byte = 0 };
	p->data = (struct iovec){ .iov_base = &p->byte, .iov_len = 1 };
	p->msg = (struct msghdr){ .msg_iov = &p->data,
		.msg_iovlen = 1,
		.msg_control = &p->control,
		.msg_controllen = sizeof(p->control) };
	return &p->msg;
}

int fd_send(int socket, int fd)
{
	struct fd_parcel p;
	struct cmsghdr *head = CMSG_FIRSTHDR(fd_pack(&p));

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(int));
	return sendmsg(socket, &p.msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int fd_receive(int socket)
{
	struct fd_parcel p;
	struct msghdr *msg = fd_pack(&p);
	struct cmsghdr *head;
	int fd = -1;

	if (recvmsg(socket, msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1)
		return -1;
	head = CMSG_FIRSTHDR(msg);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
		head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(head), sizeof(int));
	return fd;
}
