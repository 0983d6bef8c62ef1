/* mpitest: an MPI program for the tests, built once with each MPI.
 *
 *	mpitest [hello]		each rank says who it is and where
 *	mpitest ring		a message of 1 byte, then of 1 MiB, goes round; the last one says ok
 *	mpitest flight		32 messages of 256 KiB in flight between neighbours
 *	mpitest window		MPI_Win_allocate_shared, read by the neighbours
 *	mpitest speed		latency of 8 bytes in us, bandwidth of 256 KiB and of 4 MiB in MB/s, between ranks 0 and 1
 *	mpitest sum SECONDS	MPI_Init, a sum over all ranks, a pause, MPI_Finalize
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FLIGHT = 32, FLIGHT_SIZE = 256 << 10, BIG = 4 << 20 };

static int rank, ranks;

static char *buffer(size_t size)
{
	char *new = malloc(size);
	if (new == NULL) {
		MPI_Abort(MPI_COMM_WORLD, 1);
		_exit(1);
	}
	memset(new, rank, size);
	return new;
}

static void hello(void)
{
	char node[MPI_MAX_PROCESSOR_NAME];
	int length;
	MPI_Get_processor_name(node, &length);
	printf("rank %d of %d on %s\n", rank, ranks, node);
}

static void ring(void)
{
	static const int sizes[] = { 1, 1 << 20 };
	int next = (rank + 1) % ranks, last = (rank + ranks - 1) % ranks, bad = 0;
	for (int i = 0; i < 2; i++) {
		int size = sizes[i];
		char *out = buffer((size_t)size), *in = buffer((size_t)size);
		MPI_Sendrecv(out, size, MPI_CHAR, next, 0, in, size, MPI_CHAR, last, 0,
			MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		bad |= in[0] != last || in[size - 1] != last;
		free(out);
		free(in);
	}
	int all;
	MPI_Reduce(&bad, &all, 1, MPI_INT, MPI_MAX, 0, MPI_COMM_WORLD);
	if (rank == 0)
		printf("ring of %d: %s\n", ranks, all ? "wrong" : "ok");
}

/* Rounds of FLIGHT messages of this size from rank 0 to rank 1, each round answered; other ranks look on. */
static double bandwidth(int size, int rounds)
{
	MPI_Request request[FLIGHT];
	char *data = buffer((size_t)FLIGHT * (size_t)size), answer = 0;
	double began = 0;
	for (int round = -1; round < rounds && rank < 2; round++) {
		if (round == 0)
			began = MPI_Wtime();
		for (int i = 0; i < FLIGHT; i++) {
			char *part = data + (size_t)i * (size_t)size;
			if (rank == 0)
				MPI_Isend(part, size, MPI_CHAR, 1, 1, MPI_COMM_WORLD, &request[i]);
			else
				MPI_Irecv(part, size, MPI_CHAR, 0, 1, MPI_COMM_WORLD, &request[i]);
		}
		MPI_Waitall(FLIGHT, request, MPI_STATUSES_IGNORE);
		if (rank == 0)
			MPI_Recv(&answer, 1, MPI_CHAR, 1, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		else
			MPI_Send(&answer, 1, MPI_CHAR, 0, 2, MPI_COMM_WORLD);
	}
	double seconds = MPI_Wtime() - began;
	free(data);
	return (double)FLIGHT * size * rounds / seconds / 1e6;
}

static double latency(int rounds)
{
	char data[8] = { 0 };
	double began = 0;
	for (int round = -100; round < rounds && rank < 2; round++) {
		if (round == 0)
			began = MPI_Wtime();
		if (rank == 0)
			MPI_Send(data, 8, MPI_CHAR, 1, 3, MPI_COMM_WORLD);
		MPI_Recv(data, 8, MPI_CHAR, 1 - rank, 3, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		if (rank == 1)
			MPI_Send(data, 8, MPI_CHAR, 0, 3, MPI_COMM_WORLD);
	}
	return (MPI_Wtime() - began) / rounds / 2 * 1e6;
}

static void speed(void)
{
	double us = latency(20000), medium = bandwidth(FLIGHT_SIZE, 50), big = bandwidth(BIG, 5);
	MPI_Barrier(MPI_COMM_WORLD);
	if (rank == 0)
		printf("%.2f %.0f %.0f\n", us, medium, big);
}

static void flight(void)
{
	MPI_Request request[2 * FLIGHT];
	int next = (rank + 1) % ranks, last = (rank + ranks - 1) % ranks;
	char *out = buffer((size_t)FLIGHT * FLIGHT_SIZE),
	     *in = buffer((size_t)FLIGHT * FLIGHT_SIZE);
	for (size_t i = 0; i < FLIGHT; i++) {
		MPI_Irecv(in + i * FLIGHT_SIZE, FLIGHT_SIZE, MPI_CHAR, last, 0, MPI_COMM_WORLD,
			&request[i]);
		MPI_Isend(out + i * FLIGHT_SIZE, FLIGHT_SIZE, MPI_CHAR, next, 0, MPI_COMM_WORLD,
			&request[FLIGHT + i]);
	}
	MPI_Waitall(2 * FLIGHT, request, MPI_STATUSES_IGNORE);
	if (rank == 0)
		printf("flight of %d: %s\n", ranks,
			in[FLIGHT * FLIGHT_SIZE - 1] == last ? "ok" : "wrong");
	free(out);
	free(in);
}

/* Each rank of a node writes its number into its part of the segment, and reads that of its neighbour. */
static void window(void)
{
	MPI_Comm node;
	MPI_Win win;
	int me, here, *mine, *theirs, unit, bad, all;
	MPI_Aint size;
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &node);
	MPI_Comm_rank(node, &me);
	MPI_Comm_size(node, &here);
	MPI_Win_allocate_shared(sizeof(int), sizeof(int), MPI_INFO_NULL, node, &mine, &win);
	MPI_Win_fence(0, win);
	*mine = me;
	MPI_Win_fence(0, win);
	MPI_Win_shared_query(win, (me + 1) % here, &size, &unit, &theirs);
	bad = *theirs != (me + 1) % here;
	MPI_Reduce(&bad, &all, 1, MPI_INT, MPI_MAX, 0, MPI_COMM_WORLD);
	if (rank == 0)
		printf("window of %d: %s\n", here, all ? "wrong" : "ok");
	MPI_Win_free(&win);
	MPI_Comm_free(&node);
}

static void sum(int seconds)
{
	int all;
	MPI_Allreduce(&rank, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	sleep((unsigned)seconds);
	if (rank == 0)
		printf("sum of %d: %d\n", ranks, all);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "hello";
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks);
	if (strcmp(what, "ring") == 0)
		ring();
	else if (strcmp(what, "flight") == 0)
		flight();
	else if (strcmp(what, "window") == 0)
		window();
	else if (strcmp(what, "speed") == 0)
		speed();
	else if (strcmp(what, "sum") == 0)
		sum(argc > 2 ? atoi(argv[2]) : 0);
	else
		hello();
	MPI_Finalize();
	return 0;
}
