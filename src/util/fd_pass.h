/*
 * fd_pass: a descriptor goes to another process over a Unix socket, unix(7).
 */
#pragma once

/* Send fd, which stays open here.  Returns 0, or -1 with errno. */
int fd_send(int socket, int fd);

/* Take one that has come; it closes on exec.  Never waits.  Returns -1 where none has. */
int fd_receive(int socket);
