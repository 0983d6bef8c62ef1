/*
 * site: what nodes of clusters have, and other hosts do not need.
 */
#pragma once

#include "doctor/probe.h"

#define SITE_CHECKS 4

/* Look for CDI specifications, GPUs, fast networks and Slurm, in this order. */
void site_checks(struct probe list[SITE_CHECKS]);
