// The yardstick: the same allreduce from C, whole or in buckets. Prints one JSON line per size: the median over
// repetitions, of the slowest rank, in microseconds a message, WINDOW messages one after the other.
// usage: allreduce BUCKET_BYTES WINDOW BYTES:REPETITIONS…
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int provided, rank;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  size_t bucket = strtoul(argv[1], NULL, 10) / sizeof(float);
  int window = atoi(argv[2]);
  for (int i = 3; i < argc; i++) {
    size_t bytes;
    int repetitions;
    sscanf(argv[i], "%zu:%d", &bytes, &repetitions);
    size_t length = bytes / sizeof(float);
    float *values = malloc(bytes);
    double *seconds = malloc(repetitions * sizeof(double));
    for (int turn = -2; turn < repetitions; turn++) {
      for (size_t j = 0; j < length; j++) values[j] = 1;
      MPI_Barrier(MPI_COMM_WORLD);
      double start = MPI_Wtime();
      for (int message = 0; message < window; message++)
        for (size_t at = 0; at < length; at += bucket ? bucket : length) {
          size_t left = length - at, count = bucket && bucket < left ? bucket : left;
          MPI_Allreduce(MPI_IN_PLACE, values + at, (int)count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
        }
      if (turn >= 0) seconds[turn] = (MPI_Wtime() - start) / window;
    }
    qsort(seconds, repetitions, sizeof(double), ascending);
    double median = seconds[repetitions / 2], slowest;
    MPI_Reduce(&median, &slowest, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    if (rank == 0) printf("{\"bytes\":%zu,\"microseconds\":%.3f}\n", bytes, slowest * 1e6);
    free(values);
    free(seconds);
  }
  MPI_Finalize();
}
