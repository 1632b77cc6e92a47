/** One journey: drawn, checked, activated, watched. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Failed, LoadingRows } from '../../ui/states';
import { Editor } from './Editor';
import { journeyQuery, nodeTypesQuery } from './queries';

const route = getRouteApi('/journeys/$id');

export function JourneyPage() {
  const { id } = route.useParams();
  const journey = useQuery({ ...journeyQuery(id), refetchInterval: 5_000 });
  const types = useQuery(nodeTypesQuery);
  const failed = [journey, types].find((query) => query.isError && query.data === undefined);
  if (failed !== undefined) return <Failed error={failed.error} onRetry={() => failed.refetch()} />;
  if (journey.data === undefined || types.data === undefined) return <LoadingRows />;
  return <Editor key={id} journey={journey.data} types={types.data.node_types} />;
}
