/** The profiles of the workspace: everybody, those found, or those who arrived at a node (Show in CRM). */
import { getRouteApi } from '@tanstack/react-router';
import { Arrivals } from './Arrivals';
import { Everybody } from './Everybody';

const route = getRouteApi('/profiles');

export function ProfilesPage() {
  const { journey, node } = route.useSearch();
  return journey !== undefined && node !== undefined ? (
    <Arrivals key={`${journey} ${node}`} journey={journey} node={node} />
  ) : (
    <Everybody />
  );
}
